/**
 * Decodes standard base64 with padding in place, accepting and refusing exactly what Go's `base64.StdEncoding` does,
 * which Cloudflare uses: line breaks are skipped anywhere, surplus bits before the padding are not looked at.
 */
import { CARRIAGE_RETURN, EQUALS, LINE_FEED } from './ascii.ts';

/** Where the decoded bytes end, or the number of the byte that Go names in `illegal base64 data at input byte`. */
export type Decoded = { readonly end: number } | { readonly illegalByte: number };

const SEXTETS = new Int8Array(256).fill(-1);
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
for (const [value, character] of [...ALPHABET].entries()) SEXTETS[character.charCodeAt(0)] = value;

/** What is decoded at once by native code: enough for its speed, and little to do again where it will not do. */
const BLOCK_CHARACTERS = 16_384;
const BLOCK_CHARACTERS_MIN = 512;

/** Decodes the characters from `start` to `end`; the decoded bytes begin at `start`. */
export function decodeBase64(bytes: Uint8Array, start: number, end: number): Decoded {
  return new Base64Decoder(bytes, start, end).decode();
}

class Base64Decoder {
  readonly #bytes: Uint8Array;
  readonly #start: number;
  readonly #end: number;
  #read: number;
  #write: number;
  #illegal = -1;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    this.#read = start;
    this.#write = start;
  }

  decode(): Decoded {
    this.#decodeBlocks();
    while (this.#read < this.#end && this.#illegal < 0) {
      this.#decodePlainGroups();
      this.#decodeGroup();
    }
    return this.#illegal < 0 ? { end: this.#write } : { illegalByte: this.#illegal - this.#start };
  }

  /**
   * Blocks of nothing but the alphabet, by native code. That takes more for base64 than Go does: it skips what it does not
   * know, and then there are too few bytes, and it knows the other alphabet, of which only two characters differ. Stops
   * at the first block that has any of this, and leaves it as it was.
   */
  #decodeBlocks(): void {
    if (this.#end - this.#start < BLOCK_CHARACTERS_MIN) return;
    const buffer = Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
    for (;;) {
      // Without the last group, which may be padded.
      const length = Math.min(BLOCK_CHARACTERS, (this.#end - 4 - this.#read) & ~3);
      if (length < BLOCK_CHARACTERS_MIN) return;
      const text = buffer.toString('latin1', this.#read, this.#read + length);
      const count = buffer.write(text, this.#write, length, 'base64');
      if (count * 4 !== length * 3 || text.includes('-') || text.includes('_')) {
        buffer.write(text, this.#read, length, 'latin1');
        return;
      }
      this.#read += length;
      this.#write += count;
    }
  }

  /** Groups of four characters of the alphabet; stops at the first group that has anything else in it. */
  #decodePlainGroups(): void {
    const bytes = this.#bytes;
    const last = this.#end - 4;
    let read = this.#read;
    let write = this.#write;
    while (read <= last) {
      const bits =
        (sextet(bytes, read) << 18) |
        (sextet(bytes, read + 1) << 12) |
        (sextet(bytes, read + 2) << 6) |
        sextet(bytes, read + 3);
      if (bits < 0) break;
      bytes[write] = bits >> 16;
      bytes[write + 1] = bits >> 8;
      bytes[write + 2] = bits;
      read += 4;
      write += 3;
    }
    this.#read = read;
    this.#write = write;
  }

  /** One group of four characters, which may have line breaks in it, be padded, or be broken. */
  #decodeGroup(): void {
    let bits = 0;
    for (let count = 0; count < 4; count++) {
      this.#skipLineBreaks();
      if (this.#read === this.#end) {
        // Go counts back by characters, not by line breaks.
        if (count > 0) this.#illegal = this.#end - count;
        return;
      }
      const value = sextet(this.#bytes, this.#read);
      if (value < 0) {
        this.#endByPadding(count, bits);
        return;
      }
      bits = (bits << 6) | value;
      this.#read++;
    }
    this.#put(bits, 3);
  }

  /** The end of a group after `count` characters, which is right only as the padding at the end of the text. */
  #endByPadding(count: number, bits: number): void {
    if (count < 2 || this.#bytes[this.#read] !== EQUALS) {
      this.#illegal = this.#read;
      return;
    }
    this.#read++;
    if (count === 2 && !this.#skipSecondPadding()) return;
    this.#skipLineBreaks();
    if (this.#read < this.#end) this.#illegal = this.#read;
    else this.#put(bits << (6 * (4 - count)), count - 1);
  }

  #skipSecondPadding(): boolean {
    this.#skipLineBreaks();
    if (this.#read < this.#end && this.#bytes[this.#read] === EQUALS) {
      this.#read++;
      return true;
    }
    // Go names the byte before a wrong one, but the end where the text ends.
    this.#illegal = this.#read < this.#end ? this.#read - 1 : this.#end;
    return false;
  }

  #skipLineBreaks(): void {
    while (this.#read < this.#end && isLineBreak(this.#bytes[this.#read])) this.#read++;
  }

  /** Writes the first `count` of the three bytes of a group. */
  #put(bits: number, count: number): void {
    for (let shift = 16; shift > 16 - 8 * count; shift -= 8) this.#bytes[this.#write++] = bits >> shift;
  }
}

function isLineBreak(byte: number | undefined): boolean {
  return byte === LINE_FEED || byte === CARRIAGE_RETURN;
}

function sextet(bytes: Uint8Array, at: number): number {
  return SEXTETS[bytes[at] ?? 0] ?? -1;
}

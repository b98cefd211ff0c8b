/** Finds where bytes in a JSON string stop standing for themselves, four bytes at a time. */
import { BACKSLASH, QUOTE, SPACE } from './ascii.ts';
import { byteAt } from './byte-at.ts';

/** 1 for what stands for itself in a string: all but control characters, the quote and the backslash. */
const PLAIN = new Uint8Array(256).fill(1, SPACE);
PLAIN[QUOTE] = 0;
PLAIN[BACKSLASH] = 0;

export class JsonPlainText {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #words: Int32Array<ArrayBuffer>;

  /** `bytes` begins where its buffer does. */
  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
    this.#words = new Int32Array(bytes.buffer, 0, bytes.length >> 2);
  }

  /** The first position from `from` on with a byte that does not stand for itself; it may be the end. */
  endFrom(from: number): number {
    const bytes = this.#bytes;
    const words = this.#words;
    let position = from;
    while ((position & 3) !== 0) {
      if (!isPlain(byteAt(bytes, position))) return position;
      position++;
    }
    let word = position >> 2;
    while (word < words.length && arePlain(words[word] ?? 0)) word++;
    position = word << 2;
    while (isPlain(byteAt(bytes, position))) position++;
    return position;
  }
}

export function isPlain(byte: number): boolean {
  return PLAIN[byte] === 1;
}

/**
 * The same of four bytes at once. Subtracting n sets the high bit of each byte that is below n and had it unset; beside
 * those only bytes above them can get it, by a borrow. Flipping bit 1 first puts the quote next to the controls.
 */
function arePlain(word: number): boolean {
  const controlsAndQuotes = (word ^ 0x02020202) - 0x21212121;
  const backslashes = (word ^ 0x5c5c5c5c) - 0x01010101;
  return ((controlsAndQuotes | backslashes) & ~word & 0x80808080) === 0;
}

/** Text that can be read while it arrives, as well-formed UTF-8 in one buffer. */
import { isUtf8 } from 'node:buffer';

/** What a reader throws who needs more of a text than has arrived. One for all of them, for an error takes long to make. */
export const NOT_ARRIVED = new Error('the text has not arrived as far as that');

/** Where nobody says how long a text will be, it begins with this much memory, and gets so many times as much. */
const CAPACITY_BYTES_MIN = 65_536;
const GROWTH = 4;

const CHARACTER_BYTES_MAX = 4;

const encoder = new TextEncoder();

interface Waiting {
  readonly length: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class ArrivingText {
  /**
   * The text, from its beginning on, and behind it nothing that JSON could go on with. Who reads it may overwrite it.
   * Becomes another array when the text outgrows it.
   */
  bytes: Uint8Array<ArrayBuffer>;
  /** Its memory by four bytes. */
  words: Int32Array<ArrayBuffer>;
  /** How many bytes will be sent, as far as that is known. */
  readonly announced: number | undefined;
  /** How much of it has arrived, in whole characters. */
  length = 0;
  isWhole = false;

  /** With the bytes of a character that has not arrived whole. */
  #end = 0;
  /** From the first piece on that is not UTF-8. */
  #decoder: InstanceType<typeof TextDecoder> | undefined;
  #isWanted = true;
  #failure: Error | undefined;
  #waiting: Waiting | undefined;

  /** With a length that is known, memory is taken once and filled; it is only committed as it fills. */
  constructor(announced?: number) {
    this.announced = announced;
    this.bytes = new Uint8Array(announced ?? 0);
    this.words = wordsOf(this.bytes);
  }

  /** Adds the next piece. What is not UTF-8 becomes U+FFFD; a byte order mark stays. */
  append(piece: Uint8Array): void {
    if (!this.#isWanted) return;
    if (this.#decoder === undefined) this.#add(piece);
    else this.#addDecoded(this.#decoder.decode(piece, { stream: true }));
    this.#wake();
  }

  /** Says that this was the last piece. */
  end(): void {
    if (this.#end > this.length) this.#decodeFromHere();
    if (this.#isWanted && this.#decoder !== undefined) this.#addDecoded(this.#decoder.decode());
    this.isWhole = true;
    this.#wake();
  }

  /** Says that no more will come. */
  fail(error: Error): void {
    this.discard();
    this.#failure = error;
    this.#waiting?.reject(error);
  }

  /** Gives its memory back, for nobody will read it. */
  discard(): void {
    this.#isWanted = false;
    this.#replaceBytes(0);
    this.#end = 0;
    this.length = 0;
  }

  /** Fulfilled when it is so long, or whole. */
  reaches(length: number): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.isWhole || this.length >= length) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting = { length, resolve, reject };
    });
  }

  #wake(): void {
    if (this.#waiting === undefined || (!this.isWhole && this.length < this.#waiting.length)) return;
    this.#waiting.resolve();
    this.#waiting = undefined;
  }

  #add(piece: Uint8Array): void {
    this.#reserve(this.#end + piece.length);
    this.bytes.set(piece, this.#end);
    this.#end += piece.length;
    const length = wholeCharacters(this.bytes, this.#end);
    if (isUtf8(this.bytes.subarray(this.length, length))) this.length = length;
    else this.#decodeFromHere();
  }

  #decodeFromHere(): void {
    const rest = this.bytes.slice(this.length, this.#end);
    this.bytes.fill(0, this.length, this.#end);
    this.#end = this.length;
    this.#decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    this.#addDecoded(this.#decoder.decode(rest, { stream: true }));
  }

  #addDecoded(text: string): void {
    this.#reserve(this.length + Buffer.byteLength(text));
    this.length += encoder.encodeInto(text, this.bytes.subarray(this.length)).written;
    this.#end = this.length;
  }

  #reserve(bytes: number): void {
    const { length } = this.bytes;
    if (bytes > length) this.#replaceBytes(Math.max(bytes, length * GROWTH, CAPACITY_BYTES_MIN));
  }

  /** The memory that was had goes at once, not at some later garbage collection. */
  #replaceBytes(capacity: number): void {
    const { bytes } = this;
    this.bytes = new Uint8Array(capacity);
    this.words = wordsOf(this.bytes);
    if (capacity > 0) this.bytes.set(bytes.subarray(0, this.#end));
    bytes.buffer.transfer(0);
  }
}

function wordsOf({ buffer, length }: Uint8Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  return new Int32Array(buffer, 0, length >> 2);
}

/** Where the last character begins that has not arrived whole by `end`; where there is none, that is `end`. */
function wholeCharacters(bytes: Uint8Array, end: number): number {
  const first = Math.max(0, end - CHARACTER_BYTES_MAX + 1);
  for (let at = end - 1; at >= first; at--) {
    const byte = bytes[at] ?? 0;
    if (byte >= 0xc0) return at + characterBytes(byte) > end ? at : end;
    if (byte < 0x80) return end;
  }
  return end;
}

/** By its first byte. */
function characterBytes(byte: number): number {
  if (byte < 0xe0) return 2;
  return byte < 0xf0 ? 3 : 4;
}

/** One member of the item of a bulk write that is being read: where in the body its value lies, and of which type. */
import { DIGIT_0, DIGIT_9, LOWER_F, LOWER_N, LOWER_T, MINUS, QUOTE } from './ascii.ts';
import type { JsonScanner } from './json-scanner.ts';

const ABSENT = 0;

export class BulkMember {
  readonly name: string;
  /** Where its JSON text lies, or, for strings that are decoded, the string itself. */
  start = 0;
  end = 0;

  readonly #nameBytes: Uint8Array;
  readonly #decodesStrings: boolean;
  /** The first byte of the JSON text, which tells its type. */
  #firstByte: number = ABSENT;

  constructor(name: string, { decodesStrings }: { decodesStrings: boolean }) {
    this.name = name;
    this.#nameBytes = new TextEncoder().encode(name);
    this.#decodesStrings = decodesStrings;
  }

  clear(): void {
    this.start = 0;
    this.end = 0;
    this.#firstByte = ABSENT;
  }

  /** Whether its name is what stands from `start` to `end`. */
  isNamed(body: Uint8Array, start: number, end: number): boolean {
    const name = this.#nameBytes;
    if (end - start !== name.length) return false;
    for (let index = 0; index < name.length; index++) {
      if (body[start + index] !== name[index]) return false;
    }
    return true;
  }

  /** Reads its value, in place of the one that it had earlier in the item. */
  read(scanner: JsonScanner): void {
    this.#firstByte = scanner.peek();
    this.start = scanner.position;
    if (this.isString && this.#decodesStrings) {
      scanner.readString();
      this.start = scanner.stringStart;
      this.end = scanner.stringEnd;
    } else {
      scanner.skipValue();
      this.end = scanner.position;
    }
  }

  /** Whether it is missing or null, which mean the same. */
  get isAbsent(): boolean {
    return this.#firstByte === ABSENT || this.#firstByte === LOWER_N;
  }

  get isString(): boolean {
    return this.#firstByte === QUOTE;
  }

  get isTrue(): boolean {
    return this.#firstByte === LOWER_T;
  }

  get isBoolean(): boolean {
    return this.isTrue || this.#firstByte === LOWER_F;
  }

  get isNumber(): boolean {
    return this.#firstByte === MINUS || (this.#firstByte >= DIGIT_0 && this.#firstByte <= DIGIT_9);
  }

  get bytes(): number {
    return this.end - this.start;
  }
}

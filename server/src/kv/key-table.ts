/** Finds pairs by key among those of one bulk write, without making strings of ten thousand keys. */
import type { ArrivingText } from './arriving-text.ts';
import { LIMITS } from './limits.ts';
import { OFFSETS_PER_PAIR } from './puts.ts';

/**
 * Multilinear hashing (Lemire and Kaser, "Strongly universal string hashing is fast"): with a secret random factor for
 * each byte of a key, one for its length and a summand, nobody can craft keys that collide more than by chance. The
 * upper bits of the sum are the hash.
 */
const FACTORS = crypto.getRandomValues(new Int32Array(LIMITS.keyBytes + 2));
const LENGTH_FACTOR = FACTORS[LIMITS.keyBytes] ?? 0;
const SUMMAND = FACTORS[LIMITS.keyBytes + 1] ?? 0;

export class KeyTable {
  readonly #text: Pick<ArrivingText, 'bytes'>;
  readonly #offsets: Uint32Array<ArrayBuffer>;
  /** The number of a pair plus one, in the slot that the hash of its key names or the next free one; 0 is free. */
  readonly #slots: Int32Array<ArrayBuffer>;
  readonly #hashShift: number;

  /** For pairs that lie in `text` and `offsets` as in `Puts`, at most `pairCountMax` (and at least one). */
  constructor(text: Pick<ArrivingText, 'bytes'>, offsets: Uint32Array<ArrayBuffer>, pairCountMax: number) {
    this.#text = text;
    this.#offsets = offsets;
    this.#hashShift = Math.clz32(pairCountMax) - 1;
    // Between two and four slots a pair, so that a free one is always near.
    this.#slots = new Int32Array(1 << (32 - this.#hashShift));
  }

  /** The earlier pair that has the key of pair number `pair`; or −1, and then `pair` has been added. */
  findOrAdd(pair: number): number {
    const slots = this.#slots;
    let slot = this.#hash(pair) >>> this.#hashShift;
    for (let other = slots[slot] ?? 0; other !== 0; other = slots[slot] ?? 0) {
      if (this.#haveSameKey(other - 1, pair)) return other - 1;
      slot = (slot + 1) & (slots.length - 1);
    }
    slots[slot] = pair + 1;
    return -1;
  }

  #hash(pair: number): number {
    const { bytes } = this.#text;
    const start = this.#keyStart(pair);
    const length = this.#keyEnd(pair) - start;
    let hash = (SUMMAND + Math.imul(LENGTH_FACTOR, length)) | 0;
    for (let index = 0; index < length; index++) {
      hash = (hash + Math.imul(FACTORS[index] ?? 0, bytes[start + index] ?? 0)) | 0;
    }
    return hash;
  }

  #haveSameKey(one: number, other: number): boolean {
    const { bytes } = this.#text;
    const oneStart = this.#keyStart(one);
    const otherStart = this.#keyStart(other);
    const length = this.#keyEnd(one) - oneStart;
    if (this.#keyEnd(other) - otherStart !== length) return false;
    for (let index = 0; index < length; index++) {
      if (bytes[oneStart + index] !== bytes[otherStart + index]) return false;
    }
    return true;
  }

  #keyStart(pair: number): number {
    return this.#offsets[pair * OFFSETS_PER_PAIR] ?? 0;
  }

  #keyEnd(pair: number): number {
    return this.#offsets[pair * OFFSETS_PER_PAIR + 1] ?? 0;
  }
}

/** The pairs of a bulk write that have been read, each key once, as tables over the body. */
import type { BulkItem } from './bulk-item.ts';
import { KeyTable } from './key-table.ts';
import { LIMITS } from './limits.ts';
import { OFFSETS_PER_PAIR, type Puts } from './puts.ts';

/** Every pair takes at least this much of a body. */
const PAIR_BYTES_MIN = '{"key":"k","value":""},'.length;

/** Places among the offsets of a pair. */
const METADATA = 2;
const VALUE = 4;

export class BulkPairs {
  readonly #body: Buffer<ArrayBuffer>;
  readonly #offsets: Uint32Array<ArrayBuffer>;
  readonly #expiresAt: Float64Array<ArrayBuffer>;
  readonly #keys: KeyTable;
  #count = 0;

  constructor(body: Uint8Array<ArrayBuffer>) {
    this.#body = Buffer.from(body.buffer);
    const countMax = Math.min(LIMITS.bulkPutPairs, 1 + Math.floor(body.length / PAIR_BYTES_MIN));
    this.#offsets = new Uint32Array(countMax * OFFSETS_PER_PAIR);
    this.#expiresAt = new Float64Array(countMax);
    this.#keys = new KeyTable(body, this.#offsets, countMax);
  }

  /** Adds the pair of an item without fault. False where its key has been added with other contents. */
  add({ key, metadata, value, expiresAt }: BulkItem): boolean {
    const pair = this.#count;
    const offsets = this.#offsets;
    const first = pair * OFFSETS_PER_PAIR;
    offsets[first] = key.start;
    offsets[first + 1] = key.end;
    offsets[first + 2] = metadata.isAbsent ? 0 : metadata.start;
    offsets[first + 3] = metadata.isAbsent ? 0 : metadata.end;
    offsets[first + 4] = value.start;
    offsets[first + 5] = value.end;
    this.#expiresAt[pair] = expiresAt;
    const earlier = this.#keys.findOrAdd(pair);
    if (earlier >= 0) return this.#haveSameContents(earlier, pair);
    this.#count++;
    return true;
  }

  toPuts(): Puts {
    return {
      arena: new Uint8Array(this.#body.buffer),
      offsets: this.#offsets.slice(0, this.#count * OFFSETS_PER_PAIR),
      expiresAt: this.#expiresAt.slice(0, this.#count),
    };
  }

  #haveSameContents(one: number, other: number): boolean {
    return (
      this.#expiresAt[one] === this.#expiresAt[other] &&
      this.#haveSameBytes(one, other, METADATA) &&
      this.#haveSameBytes(one, other, VALUE)
    );
  }

  /** Compares what lies in one of the places of a pair's offsets. */
  #haveSameBytes(one: number, other: number, place: typeof METADATA | typeof VALUE): boolean {
    const [start, end] = this.#offsets.subarray(one * OFFSETS_PER_PAIR + place);
    const [otherStart, otherEnd] = this.#offsets.subarray(other * OFFSETS_PER_PAIR + place);
    return this.#body.compare(this.#body, start, end, otherStart, otherEnd) === 0;
  }
}

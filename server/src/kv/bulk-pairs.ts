/** The pairs of a bulk write that have been read, each key once, as tables over the body. */
import type { ArrivingText } from './arriving-text.ts';
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
  readonly #body: ArrivingText;
  readonly #offsets: Uint32Array<ArrayBuffer>;
  /** Negative where it follows from a TTL. */
  readonly #expiresAt: Float64Array<ArrayBuffer>;
  readonly #keys: KeyTable;
  #count = 0;

  constructor(body: ArrivingText) {
    this.#body = body;
    const bytesMax = body.announced ?? Number.POSITIVE_INFINITY;
    const countMax = Math.min(LIMITS.bulkPutPairs, 1 + Math.floor(bytesMax / PAIR_BYTES_MIN));
    this.#offsets = new Uint32Array(countMax * OFFSETS_PER_PAIR);
    this.#expiresAt = new Float64Array(countMax);
    this.#keys = new KeyTable(body, this.#offsets, countMax);
  }

  /** Adds the pair of an item without fault. False where its key has been added with other contents. */
  add({ key, metadata, value, expiresAt, hasTtl }: BulkItem): boolean {
    const pair = this.#count;
    const offsets = this.#offsets;
    const first = pair * OFFSETS_PER_PAIR;
    offsets[first] = key.start;
    offsets[first + 1] = key.end;
    offsets[first + 2] = metadata.isAbsent ? 0 : metadata.start;
    offsets[first + 3] = metadata.isAbsent ? 0 : metadata.end;
    offsets[first + 4] = value.start;
    offsets[first + 5] = value.end;
    this.#expiresAt[pair] = hasTtl ? -expiresAt : expiresAt;
    const earlier = this.#keys.findOrAdd(pair);
    if (earlier >= 0) return this.#haveSameContents(earlier, pair);
    this.#count++;
    return true;
  }

  /** `secondsPassed` since the time from which TTLs were counted. */
  toPuts(secondsPassed: number): Puts {
    return {
      arena: this.#body.bytes.subarray(0, this.#body.length),
      offsets: this.#offsets.slice(0, this.#count * OFFSETS_PER_PAIR),
      expiresAt: this.#expiresAt.slice(0, this.#count).map(at => (at < 0 ? secondsPassed - at : at)),
    };
  }

  #haveSameContents(one: number, other: number): boolean {
    return (
      Math.abs(this.#expiresAt[one] ?? 0) === Math.abs(this.#expiresAt[other] ?? 0) &&
      this.#haveSameBytes(one, other, METADATA) &&
      this.#haveSameBytes(one, other, VALUE)
    );
  }

  /** Compares what lies in one of the places of a pair's offsets. */
  #haveSameBytes(one: number, other: number, place: typeof METADATA | typeof VALUE): boolean {
    const [start, end] = this.#offsets.subarray(one * OFFSETS_PER_PAIR + place);
    const [otherStart, otherEnd] = this.#offsets.subarray(other * OFFSETS_PER_PAIR + place);
    const body = Buffer.from(this.#body.bytes.buffer);
    return body.compare(body, start, end, otherStart, otherEnd) === 0;
  }
}

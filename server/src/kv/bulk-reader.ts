/**
 * Reads the body of a bulk write in one pass over its bytes, with the verdict and the result of JSON.parse and plain
 * validation. The body becomes the arena of the pairs: what has no escapes stays where it is, strings with escapes and
 * base64 are decoded where they stand, so that a hundred megabytes are never copied.
 */
import { CLOSE_BRACKET, OPEN_BRACKET } from './ascii.ts';
import { BulkFaults } from './bulk-faults.ts';
import { BulkItem } from './bulk-item.ts';
import { BulkPairs } from './bulk-pairs.ts';
import { type Fault, fault, type KvError, kvError, shownKey } from './errors.ts';
import { JsonScanner } from './json-scanner.ts';
import { JsonSyntaxError } from './json-syntax-error.ts';
import { LIMITS } from './limits.ts';
import type { Puts } from './puts.ts';
import { wellFormedUtf8 } from './utf8.ts';

/**
 * The pairs in a body that from here on belongs to them. `now` is in whole seconds since the Unix epoch. Yields now
 * and then between two items, so that a large body need not hold up everything else.
 * @throws {KvError} `pairsMalformed`, `tooManyPairs`, or the faults of all items.
 */
export function* readBulk(body: Uint8Array<ArrayBuffer>, now: number): Generator<void, Puts, void> {
  try {
    return yield* new BulkReader(wellFormedUtf8(body), now).read();
  } catch (error) {
    throw error instanceof JsonSyntaxError ? kvError('pairsMalformed', { detail: error.message }) : error;
  }
}

/** What is read of a body between two pauses, an item at least: 1 MiB, which takes some milliseconds. */
const BYTES_BETWEEN_PAUSES = 1_048_576;

class BulkReader {
  readonly #scanner: JsonScanner;
  readonly #item: BulkItem;
  readonly #pairs: BulkPairs;
  readonly #faults = new BulkFaults();

  constructor(body: Uint8Array<ArrayBuffer>, now: number) {
    this.#scanner = new JsonScanner(body);
    this.#item = new BulkItem(body, now);
    this.#pairs = new BulkPairs(body);
  }

  *read(): Generator<void, Puts, void> {
    const scanner = this.#scanner;
    if (scanner.peek() !== OPEN_BRACKET) throw this.#notAnArray();
    const count = yield* this.#readItems();
    scanner.skipEnd();
    const limit = LIMITS.bulkPutPairs;
    if (count > limit) throw kvError('tooManyPairs', { limit, count });
    this.#faults.throwIfAny();
    return this.#pairs.toPuts();
  }

  /** Refuses a body that is not even JSON as such. */
  #notAnArray(): KvError {
    this.#scanner.skipValue();
    this.#scanner.skipEnd();
    return kvError('pairsMalformed', { detail: 'not an array' });
  }

  /** Reads all items and answers how many there are; those past the limit are only counted. */
  *#readItems(): Generator<void, number, void> {
    const scanner = this.#scanner;
    let count = 0;
    let pauseAt = BYTES_BETWEEN_PAUSES;
    for (let more = scanner.enter(CLOSE_BRACKET); more; more = scanner.next(CLOSE_BRACKET)) {
      if (count < LIMITS.bulkPutPairs) this.#readItem(count);
      else scanner.skipValue();
      count++;
      if (scanner.position < pauseAt) continue;
      pauseAt = scanner.position + BYTES_BETWEEN_PAUSES;
      yield;
    }
    return count;
  }

  #readItem(index: number): void {
    const item = this.#item;
    item.read(this.#scanner);
    const itemFault = item.check() ?? this.#addPair();
    if (itemFault !== undefined) this.#faults.add(itemFault, index, item.keyText());
  }

  #addPair(): Fault | undefined {
    if (this.#pairs.add(this.#item)) return undefined;
    return fault('duplicateKey', { key: shownKey(this.#item.keyText() ?? '') });
  }
}

/**
 * Reads the body of a bulk write in one pass over its bytes, while it arrives, with the verdict and the result of
 * JSON.parse and plain validation. The body becomes the arena of the pairs: what has no escapes stays where it is, strings
 * with escapes and base64 are decoded where they stand, so that a hundred megabytes are never copied.
 */
import type { ArrivingText } from './arriving-text.ts';
import { BulkFaults } from './bulk-faults.ts';
import { BulkItem } from './bulk-item.ts';
import { BulkPairs } from './bulk-pairs.ts';
import type { Clock } from './engine.ts';
import { type Fault, fault, type KvError, kvError, shownKey } from './errors.ts';
import { type ExpiryPolicy, resolveExpiry, resolveImportedExpiry } from './expiration.ts';
import { type ArrayReader, readArray } from './json-array.ts';
import type { JsonScanner } from './json-scanner.ts';
import { LIMITS } from './limits.ts';
import type { Puts } from './puts.ts';
import type { Steps } from './steps.ts';

/**
 * The pairs in a body that from here on belongs to them. Expirations are judged by the time at which reading begins; a
 * TTL counts from when the body has arrived.
 * @throws {KvError} `pairsMalformed`, `tooManyPairs`, or the faults of all items.
 */
export function* readBulk(body: ArrivingText, clock: Clock): Steps<Puts> {
  return (yield* read(body, clock, resolveExpiry)).puts;
}

export interface ImportedPairs {
  readonly puts: Puts;
  /** How many are not among them because they have expired. */
  readonly expired: number;
}

/** The same for pairs that are brought from elsewhere: what has expired is left out, and no time ahead is too short. */
export function readImport(body: ArrivingText, clock: Clock): Steps<ImportedPairs> {
  return read(body, clock, resolveImportedExpiry);
}

function* read(body: ArrivingText, clock: Clock, policy: ExpiryPolicy): Steps<ImportedPairs> {
  const start = clock();
  const reader = new BulkReader(body, start, policy);
  try {
    const count = yield* readArray(body, reader);
    reader.check(count);
    return { puts: reader.toPuts(clock() - start), expired: reader.expired };
  } catch (error) {
    body.discard();
    throw error;
  }
}

class BulkReader implements ArrayReader {
  readonly #item: BulkItem;
  readonly #pairs: BulkPairs;
  readonly #faults = new BulkFaults();
  expired = 0;

  constructor(body: ArrivingText, now: number, policy: ExpiryPolicy) {
    this.#item = new BulkItem(body, now, policy);
    this.#pairs = new BulkPairs(body);
  }

  /** Items past the limit are only counted. */
  readElement(scanner: JsonScanner, index: number): void {
    if (index < LIMITS.bulkPutPairs) this.#readItem(scanner, index);
    else scanner.skipValue();
  }

  malformed(detail: string): KvError {
    return kvError('pairsMalformed', { detail });
  }

  check(count: number): void {
    const limit = LIMITS.bulkPutPairs;
    if (count > limit) throw kvError('tooManyPairs', { limit, count });
    this.#faults.throwIfAny();
  }

  toPuts(secondsPassed: number): Puts {
    return this.#pairs.toPuts(secondsPassed);
  }

  #readItem(scanner: JsonScanner, index: number): void {
    const item = this.#item;
    item.read(scanner);
    const itemFault = item.check() ?? this.#addPair();
    if (itemFault !== undefined) this.#faults.add(itemFault, index, item.keyText());
  }

  #addPair(): Fault | undefined {
    if (this.#item.hasExpired) {
      this.expired++;
      return undefined;
    }
    if (this.#pairs.add(this.#item)) return undefined;
    return fault('duplicateKey', { key: shownKey(this.#item.keyText() ?? '') });
  }
}

/** Reads the body of a bulk delete: a JSON array of keys, with the verdict of JSON.parse and plain validation. */
import type { ArrivingText } from './arriving-text.ts';
import { QUOTE } from './ascii.ts';
import { BulkFaults } from './bulk-faults.ts';
import { fault, type KvError, kvError, shownKey } from './errors.ts';
import { type ArrayReader, readArray } from './json-array.ts';
import type { JsonScanner } from './json-scanner.ts';
import { keyFault } from './keys.ts';
import { LIMITS } from './limits.ts';
import type { Steps } from './steps.ts';

/**
 * The keys in a body, each named once.
 * @throws {KvError} `keysMalformed`, `tooManyKeys`, or the faults of all keys.
 */
export function* readBulkKeys(body: ArrivingText): Steps<string[]> {
  const reader = new BulkKeyReader(body);
  const count = yield* readArray(body, reader);
  body.discard();
  const limit = LIMITS.bulkDeleteKeys;
  if (count > limit) throw kvError('tooManyKeys', { limit, count });
  return reader.keys.finish();
}

/** The keys of a parsed array, each named once. */
export function distinctKeys(items: readonly unknown[]): string[] {
  const keys = new KeyCollector();
  for (const item of items) keys.add(typeof item === 'string' ? item.toWellFormed() : undefined);
  return keys.finish();
}

class BulkKeyReader implements ArrayReader {
  readonly keys = new KeyCollector();
  readonly #body: ArrivingText;

  constructor(body: ArrivingText) {
    this.#body = body;
  }

  /** Keys past the limit are only counted. */
  readElement(scanner: JsonScanner, index: number): void {
    if (index < LIMITS.bulkDeleteKeys) this.keys.add(this.#readKey(scanner));
    else scanner.skipValue();
  }

  malformed(detail: string): KvError {
    return kvError('keysMalformed', { detail });
  }

  /** The key at hand; undefined where it is not a string. */
  #readKey(scanner: JsonScanner): string | undefined {
    if (scanner.peek() !== QUOTE) {
      scanner.skipValue();
      return undefined;
    }
    scanner.readString();
    const { buffer } = this.#body.bytes;
    return Buffer.from(buffer, scanner.stringStart, scanner.stringEnd - scanner.stringStart).toString();
  }
}

class KeyCollector {
  readonly #keys = new Set<string>();
  readonly #faults = new BulkFaults();
  #index = 0;

  add(key: string | undefined): void {
    const wrong = key === undefined ? fault('memberInvalid', { member: 'key', expected: 'a string' }) : keyFault(key);
    if (wrong !== undefined) this.#faults.add(wrong, this.#index, key === undefined ? undefined : shownKey(key));
    else if (key !== undefined) this.#keys.add(key);
    this.#index++;
  }

  finish(): string[] {
    this.#faults.throwIfAny();
    return [...this.#keys];
  }
}

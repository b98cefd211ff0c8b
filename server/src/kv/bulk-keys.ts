/** Reads the body of a bulk delete: a JSON array of keys, with the verdict of JSON.parse and plain validation. */
import { CLOSE_BRACKET, OPEN_BRACKET, QUOTE } from './ascii.ts';
import { BulkFaults } from './bulk-faults.ts';
import { fault, kvError, shownKey } from './errors.ts';
import { JsonScanner } from './json-scanner.ts';
import { JsonSyntaxError } from './json-syntax-error.ts';
import { keyFault } from './keys.ts';
import { LIMITS } from './limits.ts';
import { wellFormedUtf8 } from './utf8.ts';

/**
 * The keys in a body that from here on belongs to them, each named once.
 * @throws {KvError} `keysMalformed`, `tooManyKeys`, or the faults of all keys.
 */
export function readBulkKeys(body: Uint8Array<ArrayBuffer>): string[] {
  try {
    return readKeys(wellFormedUtf8(body));
  } catch (error) {
    throw error instanceof JsonSyntaxError ? kvError('keysMalformed', { detail: error.message }) : error;
  }
}

/** The keys of a parsed array, each named once. */
export function distinctKeys(items: readonly unknown[]): string[] {
  const keys = new KeyCollector();
  for (const item of items) keys.add(typeof item === 'string' ? item.toWellFormed() : undefined);
  return keys.finish();
}

function readKeys(body: Uint8Array<ArrayBuffer>): string[] {
  const scanner = new JsonScanner(body);
  const isArray = scanner.peek() === OPEN_BRACKET;
  const keys = new KeyCollector();
  let count = 0;
  if (isArray) {
    for (let more = scanner.enter(CLOSE_BRACKET); more; more = scanner.next(CLOSE_BRACKET)) {
      const key = readKey(scanner, body);
      if (count < LIMITS.bulkDeleteKeys) keys.add(key);
      count++;
    }
  } else {
    scanner.skipValue();
  }
  scanner.skipEnd();
  if (!isArray) throw kvError('keysMalformed', { detail: 'not an array' });
  const limit = LIMITS.bulkDeleteKeys;
  if (count > limit) throw kvError('tooManyKeys', { limit, count });
  return keys.finish();
}

/** The key at hand; undefined where it is not a string. */
function readKey(scanner: JsonScanner, body: Uint8Array<ArrayBuffer>): string | undefined {
  if (scanner.peek() !== QUOTE) {
    scanner.skipValue();
    return undefined;
  }
  scanner.readString();
  return Buffer.from(body.buffer, scanner.stringStart, scanner.stringEnd - scanner.stringStart).toString();
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

/** Keys on their way into a URL or a body. */
import { toText } from './arguments.ts';
import { KvError, type Operation } from './errors.ts';

const KEY_BYTES_MAX = 512;
const BAD_REQUEST = 400;
const URI_TOO_LONG = 414;

/** Throws for a key that a path cannot end in, and for one that is too long. */
export function toCheckedKey(operation: Operation, given: unknown): string {
  const key = toText(given);
  if (key === '') throw new TypeError('Key name cannot be empty.');
  if (key === '.' || key === '..') throw new TypeError(`"${key}" is not allowed as a key name.`);
  const bytes = new TextEncoder().encode(key).length;
  if (bytes > KEY_BYTES_MAX) {
    const text = `${URI_TOO_LONG} UTF-8 encoded length of ${bytes} exceeds key length limit of ${KEY_BYTES_MAX}.`;
    throw new KvError(operation, text, { status: URI_TOO_LONG });
  }
  return requireUnicode(operation, key);
}

/** For a key that goes out in JSON: the server would take a lone surrogate for U+FFFD, and write to another key. */
export function toUnicodeKey(operation: Operation, given: unknown): string {
  return requireUnicode(operation, toText(given));
}

/** A lone surrogate has no UTF-8. workerd sends it nevertheless, and this is what the server says then. */
function requireUnicode(operation: Operation, key: string): string {
  if (key.isWellFormed()) return key;
  throw new KvError(operation, `${BAD_REQUEST} Could not URL-decode key name`, { status: BAD_REQUEST });
}

import { type Fault, fault } from './errors.ts';
import { LIMITS } from './limits.ts';

/** What is wrong with a key, if anything. Everything but the empty key, `.` and `..` is allowed up to 512 bytes. */
export function keyFault(key: string): Fault | undefined {
  if (key === '') return fault('keyEmpty');
  if (key === '.' || key === '..') return fault('keyIllegal', { key });
  return keyLengthFault(key);
}

/** What is wrong with the prefix of a listing, if anything. */
export function keyLengthFault(key: string): Fault | undefined {
  // A UTF-16 unit takes at most three bytes in UTF-8.
  if (key.length * 3 <= LIMITS.keyBytes) return undefined;
  const bytes = Buffer.byteLength(key);
  return bytes > LIMITS.keyBytes ? fault('keyTooLong', { bytes, limit: LIMITS.keyBytes }) : undefined;
}

/**
 * The key that stands in a URL's path, decoded exactly once: `%2F` is a slash of the key, `+` a plus, `%252F` the
 * three characters `%2F`. Undefined where an escape is broken or what it stands for is not UTF-8.
 */
export function decodePathKey(raw: string): string | undefined {
  try {
    return decodeURIComponent(raw);
  } catch {
    return undefined;
  }
}

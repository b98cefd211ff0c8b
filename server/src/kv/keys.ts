import { isUtf8 } from 'node:buffer';
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
 * three characters `%2F`. `raw` is as Node gives it, a character a byte. Undefined where an escape is broken or the
 * bytes are not UTF-8.
 */
export function decodePathKey(raw: string): string | undefined {
  const bytes = Buffer.from(raw, 'latin1');
  if (!isUtf8(bytes)) return undefined;
  try {
    return decodeURIComponent(bytes.toString());
  } catch {
    return undefined;
  }
}

/** What the escapes in JSON strings stand for, and how that is written in UTF-8. */
import { BACKSLASH, LOWER_U } from './ascii.ts';
import { byteAt } from './byte-at.ts';

/** The length of an escape like `\n`. */
export const SHORT_ESCAPE_BYTES = 2;

/** The length of an escape like `\u00e9`. */
export const UNICODE_ESCAPE_BYTES = 6;
/** Of a pair of escapes that make one character. */
export const SURROGATE_PAIR_BYTES = 2 * UNICODE_ESCAPE_BYTES;

export const REPLACEMENT_CHARACTER = 0xfffd;

/** By the character behind the backslash, the character meant; 0 where it makes no short escape. */
export const SHORT_ESCAPES = new Uint8Array(256);
for (const [letter, meant] of Object.entries({
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  '"': '"',
  '\\': '\\',
  '/': '/',
})) {
  SHORT_ESCAPES[letter.charCodeAt(0)] = meant.charCodeAt(0);
}

const HEX_DIGITS = new Int8Array(256).fill(-1);
for (const [value, digit] of [...'0123456789abcdef'].entries()) {
  HEX_DIGITS[digit.charCodeAt(0)] = value;
  HEX_DIGITS[digit.toUpperCase().charCodeAt(0)] = value;
}

/** The character meant by the escape at `at` if it is a short one; else 0. */
export function shortEscape(bytes: Uint8Array, at: number): number {
  return SHORT_ESCAPES[byteAt(bytes, at + 1)] ?? 0;
}

/**
 * The code point meant by the `\u` escape at `at`, or by it and the next one where they are a surrogate pair. A surrogate
 * alone has no UTF-8 and becomes U+FFFD. Negative where there is no such escape, or it is broken.
 */
export function unicodeEscape(bytes: Uint8Array, at: number): number {
  const unit = escapedUnit(bytes, at);
  if (unit < 0 || !isSurrogate(unit)) return unit;
  const low = unit < 0xdc00 ? escapedUnit(bytes, at + UNICODE_ESCAPE_BYTES) : 0;
  if ((low & 0xfc00) !== 0xdc00) return REPLACEMENT_CHARACTER;
  return 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff);
}

/** How long the escape or the pair of them is that means this code point. */
export function unicodeEscapeBytes(codePoint: number): number {
  return codePoint > 0xffff ? SURROGATE_PAIR_BYTES : UNICODE_ESCAPE_BYTES;
}

/** Where the first byte lies that does not belong in the broken escape at `at`. */
export function escapeBreak(bytes: Uint8Array, at: number): number {
  let position = at + 1;
  if (byteAt(bytes, position) !== LOWER_U) return position;
  do position++;
  while (position < bytes.length && hexDigit(bytes, position) >= 0);
  return position;
}

/** Writes a code point in UTF-8, which never takes more bytes than its escape, and answers the position behind it. */
export function writeUtf8(bytes: Uint8Array, at: number, codePoint: number): number {
  if (codePoint < 0x80) {
    bytes[at] = codePoint;
    return at + 1;
  }
  const end = writeLeadingBytes(bytes, at, codePoint);
  bytes[end] = 0x80 | (codePoint & 0x3f);
  return end + 1;
}

function writeLeadingBytes(bytes: Uint8Array, at: number, codePoint: number): number {
  if (codePoint < 0x800) {
    bytes[at] = 0xc0 | (codePoint >> 6);
    return at + 1;
  }
  let end = at;
  if (codePoint < 0x10000) {
    bytes[end++] = 0xe0 | (codePoint >> 12);
  } else {
    bytes[end++] = 0xf0 | (codePoint >> 18);
    bytes[end++] = 0x80 | ((codePoint >> 12) & 0x3f);
  }
  bytes[end++] = 0x80 | ((codePoint >> 6) & 0x3f);
  return end;
}

export function isSurrogate(unit: number): boolean {
  return (unit & 0xf800) === 0xd800;
}

/** What the four digits from `at` on mean, which must lie within; negative where they are none. */
export function hexadecimal(bytes: Uint8Array, at: number): number {
  return (
    (hexDigit(bytes, at) << 12) |
    (hexDigit(bytes, at + 1) << 8) |
    (hexDigit(bytes, at + 2) << 4) |
    hexDigit(bytes, at + 3)
  );
}

/** The UTF-16 unit that stands at `at` as a `\u` escape; negative where there is none. */
function escapedUnit(bytes: Uint8Array, at: number): number {
  if (at + UNICODE_ESCAPE_BYTES > bytes.length) return -1;
  if (bytes[at] !== BACKSLASH || bytes[at + 1] !== LOWER_U) return -1;
  return hexadecimal(bytes, at + 2);
}

function hexDigit(bytes: Uint8Array, at: number): number {
  return HEX_DIGITS[bytes[at] ?? 0] ?? -1;
}

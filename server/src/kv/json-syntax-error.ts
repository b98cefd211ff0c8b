/** The refusal of a text that is not JSON, saying which byte does not belong there. */
export class JsonSyntaxError extends Error {
  /** `bytes` is well-formed UTF-8, and `at` the start of a character in it, or past its end. */
  constructor(bytes: Uint8Array<ArrayBuffer>, at: number) {
    super(at < bytes.length ? `invalid character ${shown(bytes, at)} at byte ${at}` : 'unexpected end of JSON input');
    this.name = 'JsonSyntaxError';
  }
}

const CHARACTER_BYTES_MAX = 4;

/** Printable ASCII as itself; the rest, which may be invisible like a byte order mark, by number. */
function shown(bytes: Uint8Array<ArrayBuffer>, at: number): string {
  const codePoint =
    Buffer.from(bytes.buffer, at, Math.min(CHARACTER_BYTES_MAX, bytes.length - at))
      .toString()
      .codePointAt(0) ?? 0;
  if (codePoint >= 0x20 && codePoint < 0x7f) return `'${String.fromCodePoint(codePoint)}'`;
  return `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`;
}

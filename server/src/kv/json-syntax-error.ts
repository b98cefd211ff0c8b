/** The refusal of a text that is not JSON, saying which byte does not belong there. */
import { type ArrivingText, NOT_ARRIVED } from './arriving-text.ts';

export class JsonSyntaxError extends Error {
  /** `at` is the start of a character in the text, or past its end. */
  constructor(text: ArrivingText, at: number) {
    super(at < text.length ? `invalid character ${shown(text, at)} at byte ${at}` : 'unexpected end of JSON input');
    this.name = 'JsonSyntaxError';
  }
}

/** What to throw for what stands at `at`: where nothing stands yet, that may still become JSON. */
export function unexpected(text: ArrivingText, at: number): Error {
  return text.isWhole || at < text.length ? new JsonSyntaxError(text, at) : NOT_ARRIVED;
}

const CHARACTER_BYTES_MAX = 4;

/** Printable ASCII as itself; the rest, which may be invisible like a byte order mark, by number. */
function shown({ bytes, length }: ArrivingText, at: number): string {
  const codePoint =
    Buffer.from(bytes.buffer, at, Math.min(CHARACTER_BYTES_MAX, length - at))
      .toString()
      .codePointAt(0) ?? 0;
  if (codePoint >= 0x20 && codePoint < 0x7f) return `'${String.fromCodePoint(codePoint)}'`;
  return `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`;
}

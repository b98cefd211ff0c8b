/** Reads and skips the strings of a JSON text. One that has not all arrived is gone on with where it broke off. */
import { type ArrivingText, NOT_ARRIVED } from './arriving-text.ts';
import { BACKSLASH, LOWER_U, QUOTE } from './ascii.ts';
import { byteAt } from './byte-at.ts';
import {
  escapeBreak,
  hexadecimal,
  isSurrogate,
  REPLACEMENT_CHARACTER,
  SHORT_ESCAPE_BYTES,
  SHORT_ESCAPES,
  SURROGATE_PAIR_BYTES,
  shortEscape,
  UNICODE_ESCAPE_BYTES,
  unicodeEscape,
  unicodeEscapeBytes,
  writeUtf8,
} from './json-escapes.ts';
import { PLAIN, plainEnd } from './json-plain-text.ts';
import { unexpected } from './json-syntax-error.ts';

// As constants of this module: in a loop over bytes, looking an imported one up each time takes a tenth more.
const STANDS_FOR_ITSELF = PLAIN;
const MEANT_BY = SHORT_ESCAPES;

/** Behind an escape, so many bytes are gone through one by one, which for few is quicker than a search. */
const NEAR_BYTES = 16;
/** Where these had this many escapes, the next so many are gone through likewise; where not, the next one is searched for. */
const NEAR_ESCAPES_MIN = 2;
const NEAR_BYTES_AMONG_ESCAPES = 64;

export class JsonStrings {
  /** Where the string lies, as far as it was read, that was read last. */
  start = 0;
  end = 0;

  readonly #text: ArrivingText;
  /** How far the string at `start` was read. */
  #read = 0;
  #skippedStart = 0;
  /** How far the string at `#skippedStart` was skipped. */
  #skipped = 0;

  constructor(text: ArrivingText) {
    this.#text = text;
  }

  /**
   * Reads the string that begins at `start`, behind its quote, and answers where its closing quote is. One with escapes
   * is decoded in place, which never makes it longer; it can be read again until another one is.
   */
  read(start: number): number {
    if (start !== this.start) {
      this.start = start;
      this.end = start;
      this.#read = start;
    }
    if (this.#read === this.end) this.#readToEscape();
    if (byteAt(this.#text.bytes, this.#read) !== QUOTE) this.#decode();
    if (byteAt(this.#text.bytes, this.#read) !== QUOTE) throw unexpected(this.#text, this.#read);
    return this.#read;
  }

  /** Steps over the string that begins at `start`, and leaves its bytes as they are. */
  skip(start: number): number {
    const { bytes } = this.#text;
    if (start !== this.#skippedStart) {
      this.#skippedStart = start;
      this.#skipped = start;
    }
    for (;;) {
      const at = plainEnd(this.#text, this.#skipped);
      this.#skipped = at;
      if (byteAt(bytes, at) === QUOTE) return at;
      if (byteAt(bytes, at) !== BACKSLASH) throw unexpected(this.#text, at);
      const isShort = shortEscape(bytes, at) !== 0;
      this.#skipped += isShort ? SHORT_ESCAPE_BYTES : unicodeEscapeBytes(this.#codePoint(at));
    }
  }

  #readToEscape(): void {
    this.#read = plainEnd(this.#text, this.#read);
    this.end = this.#read;
  }

  /** Goes on from an escape, or from where the string broke off behind one. */
  #decode(): void {
    const { bytes, length } = this.#text;
    let nearBytes = NEAR_BYTES;
    while (this.#read < length) {
      const saved = this.#read - this.end;
      this.#decodeNear(nearBytes);
      const byte = byteAt(bytes, this.#read);
      if (byte === BACKSLASH) this.#decodeUnicode();
      else if (PLAIN[byte] === 0) return;
      else if (this.#read - this.end >= saved + NEAR_ESCAPES_MIN) nearBytes = NEAR_BYTES_AMONG_ESCAPES;
      else {
        this.#movePlain();
        nearBytes = NEAR_BYTES;
      }
    }
  }

  /** Goes byte by byte, which is quickest where short escapes lie close together, up to any other escape or the end. */
  #decodeNear(nearBytes: number): void {
    const { bytes, length } = this.#text;
    let read = this.#read;
    let write = this.end;
    const near = Math.min(read + nearBytes, length - 1);
    while (read < near) {
      const byte = bytes[read] ?? 0;
      if (byte === BACKSLASH) {
        const meant = MEANT_BY[bytes[read + 1] ?? 0] ?? 0;
        if (meant === 0) break;
        bytes[write++] = meant;
        read += SHORT_ESCAPE_BYTES;
      } else {
        if (STANDS_FOR_ITSELF[byte] === 0) break;
        bytes[write++] = byte;
        read++;
      }
    }
    this.#read = read;
    this.end = write;
  }

  #movePlain(): void {
    const read = this.#read;
    this.#read = plainEnd(this.#text, read);
    this.#text.bytes.copyWithin(this.end, read, this.#read);
    this.end += this.#read - read;
  }

  /** Escapes like `\u00e9`, of which there are often many in a row. */
  #decodeUnicode(): void {
    this.#decodeUnits();
    const { bytes } = this.#text;
    while (byteAt(bytes, this.#read) === BACKSLASH && shortEscape(bytes, this.#read) === 0) {
      const codePoint = this.#codePoint(this.#read);
      this.#read += unicodeEscapeBytes(codePoint);
      this.end = writeUtf8(bytes, this.end, codePoint);
    }
  }

  /** Those of them that are not broken, are no surrogates and do not lie at the end. */
  #decodeUnits(): void {
    const { bytes, length } = this.#text;
    let read = this.#read;
    let write = this.end;
    const last = length - UNICODE_ESCAPE_BYTES;
    while (read <= last && bytes[read] === BACKSLASH && bytes[read + 1] === LOWER_U) {
      const unit = hexadecimal(bytes, read + 2);
      if (unit < 0 || isSurrogate(unit)) break;
      write = writeUtf8(bytes, write, unit);
      read += UNICODE_ESCAPE_BYTES;
    }
    this.#read = read;
    this.end = write;
  }

  #codePoint(at: number): number {
    const text = this.#text;
    const codePoint = unicodeEscape(text.bytes, at);
    if (codePoint < 0) throw unexpected(text, escapeBreak(text.bytes, at));
    // It may be the first half of a pair whose second one has not arrived.
    const mayChange = codePoint === REPLACEMENT_CHARACTER && !text.isWhole && at + SURROGATE_PAIR_BYTES > text.length;
    if (mayChange) throw NOT_ARRIVED;
    return codePoint;
  }
}

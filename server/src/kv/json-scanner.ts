/** Walks over a JSON text in UTF-8, token by token, and refuses what is not JSON by RFC 8259. */
import {
  BACKSLASH,
  CARRIAGE_RETURN,
  CLOSE_BRACE,
  COLON,
  COMMA,
  DIGIT_0,
  DIGIT_9,
  DOT,
  LINE_FEED,
  LOWER_E,
  LOWER_F,
  LOWER_N,
  LOWER_T,
  MINUS,
  OPEN_BRACE,
  OPEN_BRACKET,
  PLUS,
  QUOTE,
  SPACE,
  TAB,
  UPPER_E,
} from './ascii.ts';
import { byteAt } from './byte-at.ts';
import {
  escapeBreak,
  SHORT_ESCAPE_BYTES,
  shortEscape,
  unicodeEscape,
  unicodeEscapeBytes,
  writeUtf8,
} from './json-escapes.ts';
import { JsonNesting } from './json-nesting.ts';
import { isPlain, JsonPlainText } from './json-plain-text.ts';
import { JsonSyntaxError } from './json-syntax-error.ts';

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const NULL = Buffer.from('null');

/** Of the bytes behind an escape, as many are moved one by one, which for few is quicker than a search. */
const MOVED_ONE_BY_ONE_BYTES = 16;

export class JsonScanner {
  /** Where the next token is looked for. */
  position = 0;
  /** Where the string lies that was read last. */
  stringStart = 0;
  stringEnd = 0;

  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #plainText: JsonPlainText;
  readonly #nesting = new JsonNesting();

  /** `bytes` is well-formed UTF-8 and begins where its buffer does. Reading a string may overwrite it. */
  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
    this.#plainText = new JsonPlainText(bytes);
  }

  /** The first byte of the next token, which `position` then points at; 0 at the end, as no token begins with that. */
  peek(): number {
    let byte = this.#current();
    while (byte === SPACE || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === TAB) {
      this.position++;
      byte = this.#current();
    }
    return byte;
  }

  /** Steps over an opening bracket. False where `close` follows at once, which then is stepped over as well. */
  enter(close: number): boolean {
    this.position++;
    if (this.peek() !== close) return true;
    this.position++;
    return false;
  }

  /** Steps over what follows an element: a comma, and then there is another one; or `close`, and then this is false. */
  next(close: number): boolean {
    const byte = this.peek();
    if (byte !== COMMA && byte !== close) throw this.#unexpected();
    this.position++;
    return byte === COMMA;
  }

  /** Reads the name of a member and steps over the colon. */
  readName(): void {
    if (this.peek() !== QUOTE) throw this.#unexpected();
    this.readString();
    this.#skipColon();
  }

  /** Reads the string at `position`. One with escapes is decoded in place, which never makes it longer. */
  readString(): void {
    this.stringStart = this.position + 1;
    this.position = this.#plainText.endFrom(this.stringStart);
    this.stringEnd = this.#current() === QUOTE ? this.position : this.#decodeString();
    this.position++;
  }

  /** Steps over any value and leaves its bytes as they are. Iterates, since a body may nest as deep as it is long. */
  skipValue(): void {
    const nesting = this.#nesting;
    let entering = this.#skipScalarOrOpen();
    while (nesting.depth > 0) {
      const close = nesting.close;
      const more = entering ? this.enter(close) : this.next(close);
      if (!more) nesting.pop();
      else if (close === CLOSE_BRACE) this.#skipName();
      entering = more && this.#skipScalarOrOpen();
    }
  }

  /** Refuses anything but whitespace from here on. */
  skipEnd(): void {
    this.peek();
    if (this.position < this.#bytes.length) throw this.#unexpected();
  }

  /** Steps over a string, number or literal; or, answering true, notes that an object or array opens here. */
  #skipScalarOrOpen(): boolean {
    const byte = this.peek();
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      this.#nesting.push(byte);
      return true;
    }
    if (byte === QUOTE) this.#skipString();
    else if (byte === LOWER_T) this.#skipLiteral(TRUE);
    else if (byte === LOWER_F) this.#skipLiteral(FALSE);
    else if (byte === LOWER_N) this.#skipLiteral(NULL);
    else this.#skipNumber();
    return false;
  }

  #skipName(): void {
    if (this.peek() !== QUOTE) throw this.#unexpected();
    this.#skipString();
    this.#skipColon();
  }

  #skipColon(): void {
    if (this.peek() !== COLON) throw this.#unexpected();
    this.position++;
  }

  #skipLiteral(literal: Uint8Array): void {
    for (const byte of literal) this.#skipByte(byte);
  }

  #skipByte(byte: number): void {
    if (this.#current() !== byte) throw this.#unexpected();
    this.position++;
  }

  #skipNumber(): void {
    this.#skipIf(MINUS);
    if (!this.#skipIf(DIGIT_0)) this.#skipDigits();
    if (this.#skipIf(DOT)) this.#skipDigits();
    if (this.#skipIf(LOWER_E, UPPER_E)) {
      this.#skipIf(PLUS, MINUS);
      this.#skipDigits();
    }
  }

  #skipIf(one: number, other = one): boolean {
    const byte = this.#current();
    const found = byte === one || byte === other;
    if (found) this.position++;
    return found;
  }

  /** One digit at least. */
  #skipDigits(): void {
    const start = this.position;
    while (isDigit(this.#current())) this.position++;
    if (this.position === start) throw this.#unexpected();
  }

  #skipString(): void {
    const bytes = this.#bytes;
    this.position = this.#plainText.endFrom(this.position + 1);
    while (this.#current() !== QUOTE) {
      if (this.#current() !== BACKSLASH) throw this.#unexpected();
      const isShort = shortEscape(bytes, this.position) !== 0;
      this.position += isShort ? SHORT_ESCAPE_BYTES : unicodeEscapeBytes(this.#unicodeEscapeAt(this.position));
      this.position = this.#plainText.endFrom(this.position);
    }
    this.position++;
  }

  /** Decodes from the first escape on, where `position` is, up to the closing quote; answers where the text ends. */
  #decodeString(): number {
    const bytes = this.#bytes;
    let read = this.position;
    let write = read;
    while (byteAt(bytes, read) === BACKSLASH) {
      const meant = shortEscape(bytes, read);
      if (meant !== 0) {
        bytes[write++] = meant;
        read += SHORT_ESCAPE_BYTES;
      } else {
        const codePoint = this.#unicodeEscapeAt(read);
        read += unicodeEscapeBytes(codePoint);
        write = writeUtf8(bytes, write, codePoint);
      }
      const plainBytes = this.#movePlain(read, write);
      read += plainBytes;
      write += plainBytes;
    }
    if (byteAt(bytes, read) !== QUOTE) throw this.#unexpected(read);
    this.position = read;
    return write;
  }

  /** Moves the bytes that stand for themselves, and answers how many they were. */
  #movePlain(from: number, to: number): number {
    const bytes = this.#bytes;
    const near = Math.min(bytes.length, from + MOVED_ONE_BY_ONE_BYTES);
    let read = from;
    for (let write = to; read < near; write++) {
      const byte = bytes[read] ?? 0;
      if (!isPlain(byte)) return read - from;
      bytes[write] = byte;
      read++;
    }
    const end = this.#plainText.endFrom(read);
    bytes.copyWithin(to + read - from, read, end);
    return end - from;
  }

  #unicodeEscapeAt(at: number): number {
    const codePoint = unicodeEscape(this.#bytes, at);
    if (codePoint < 0) throw this.#unexpected(escapeBreak(this.#bytes, at));
    return codePoint;
  }

  /** The byte at `position`, 0 past the end. */
  #current(): number {
    return byteAt(this.#bytes, this.position);
  }

  #unexpected(at = this.position): JsonSyntaxError {
    return new JsonSyntaxError(this.#bytes, at);
  }
}

function isDigit(byte: number): boolean {
  return byte >= DIGIT_0 && byte <= DIGIT_9;
}

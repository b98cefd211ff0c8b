/** Walks over a JSON text, token by token, and refuses what is not JSON by RFC 8259. */
import type { ArrivingText } from './arriving-text.ts';
import {
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
import { JsonNesting } from './json-nesting.ts';
import { JsonStrings } from './json-strings.ts';
import { unexpected } from './json-syntax-error.ts';

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const NULL = Buffer.from('null');

/**
 * So much should be new of a text, where it is not the end, before it is read on: 4 MiB. What remains at the end takes
 * some milliseconds, and a text that is shorter is read in one go.
 */
const PIECE_BYTES_MIN = 4_194_304;

export class JsonScanner {
  /** Where the next token is looked for. */
  position = 0;
  /** Where the name lies, as it was sent, that was read last. */
  nameStart = 0;
  nameEnd = 0;

  readonly #text: ArrivingText;
  readonly #strings: JsonStrings;
  readonly #nesting = new JsonNesting();
  /** What the text had when `resume` was called: to ask the text for each byte would take half as much again. */
  #bytes: Uint8Array<ArrayBuffer>;
  #length: number;
  #kept = 0;

  /** Every step of it may throw `NOT_ARRIVED`; then `goBack` has to be called. Reading a string may overwrite it. */
  constructor(text: ArrivingText) {
    this.#text = text;
    this.#strings = new JsonStrings(text);
    this.#bytes = text.bytes;
    this.#length = text.length;
  }

  /** Has to be called when more of the text has arrived. */
  resume(): void {
    this.#bytes = this.#text.bytes;
    this.#length = this.#text.length;
  }

  /** Notes that everything up to here is done with. */
  keep(): void {
    this.#kept = this.position;
  }

  /**
   * Goes back to where `keep` was called last, for what lies behind to be walked over again. Answers at which length of
   * the text: only when as much is new as has to be walked over, lest a text that arrives byte by byte take for ever.
   */
  goBack(): number {
    const again = this.position - this.#kept;
    this.position = this.#kept;
    this.#nesting.depth = 0;
    return this.#text.length + Math.max(again, PIECE_BYTES_MIN);
  }

  /** Where the string lies that was read last. */
  get stringStart(): number {
    return this.#strings.start;
  }

  get stringEnd(): number {
    return this.#strings.end;
  }

  /** The first byte of the next token, which `position` then points at. */
  peek(): number {
    const byte = this.#skipSpace();
    if (byte === 0 && this.position >= this.#length) throw this.#unexpected();
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

  /** Steps over the name of a member, noting where it lies, and over the colon. */
  readName(): void {
    if (this.peek() !== QUOTE) throw this.#unexpected();
    this.nameStart = this.position + 1;
    this.#skipString();
    this.nameEnd = this.position - 1;
    this.#skipColon();
  }

  /**
   * Reads the string at `position`. One with escapes is decoded in place, which never makes it longer; the one that was
   * read last can be read again.
   */
  readString(): void {
    this.position = this.#strings.read(this.position + 1) + 1;
  }

  /** Steps over any value and leaves its bytes as they are. Iterates, since a body may nest as deep as it is long. */
  skipValue(): void {
    const nesting = this.#nesting;
    let entering = this.#skipScalarOrOpen();
    while (nesting.depth > 0) {
      const close = nesting.close;
      const more = entering ? this.enter(close) : this.next(close);
      if (!more) nesting.pop();
      else if (close === CLOSE_BRACE) this.readName();
      entering = more && this.#skipScalarOrOpen();
    }
  }

  /** Refuses anything but whitespace from here on. */
  skipEnd(): void {
    this.#skipSpace();
    if (!this.#isAtEnd) throw this.#unexpected();
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
    // More of its digits may be on the way.
    if (this.position >= this.#length && !this.#isAtEnd) throw this.#unexpected();
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
    this.position = this.#strings.skip(this.position + 1) + 1;
  }

  /** Answers the byte behind the whitespace, 0 past the end. */
  #skipSpace(): number {
    let byte = this.#current();
    while (byte === SPACE || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === TAB) {
      this.position++;
      byte = this.#current();
    }
    return byte;
  }

  /** The byte at `position`, 0 past the end. */
  #current(): number {
    return byteAt(this.#bytes, this.position);
  }

  get #isAtEnd(): boolean {
    return this.#text.isWhole && this.position >= this.#length;
  }

  #unexpected(): Error {
    return unexpected(this.#text, this.position);
  }
}

function isDigit(byte: number): boolean {
  return byte >= DIGIT_0 && byte <= DIGIT_9;
}

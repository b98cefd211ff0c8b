/**
 * Finds where the items of a file of pairs end, without parsing them: the lines of JSON Lines, or the elements of a JSON
 * array.
 */
import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COMMA,
  LINE_FEED,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  SPACE,
} from '../kv/ascii.ts';
import { OperatorError } from '../operator-error.ts';

export interface ItemCutter {
  /** Where the item at hand ends in a piece of the file, from `at` on; -1 where it goes on in the next piece. */
  find(piece: Buffer, at: number): number;
  /** The line, from 1, on which the item began whose end was found last. */
  readonly line: number;
  /** Says that this item has nothing but whitespace. Throws an `OperatorError` where it may not. */
  passOver(): void;
  /** Says that there are no more pieces. Throws an `OperatorError` where the file cannot end here. */
  end(): void;
}

export class LineCutter implements ItemCutter {
  line: number;

  /** Lines were passed over `before` what it is shown. */
  constructor(before: number) {
    this.line = before;
  }

  find(piece: Buffer, at: number): number {
    const end = piece.indexOf(LINE_FEED, at);
    if (end >= 0) this.line++;
    return end;
  }

  passOver(): void {}

  /** A last line needs no line feed. */
  end(): void {
    this.line++;
  }
}

/** Is shown what follows the opening bracket. */
export class ArrayCutter implements ItemCutter {
  line = 0;
  /** The line that is being read, and the one on which the item at hand began, 0 where it has not yet. */
  #lineAtHand: number;
  #itemLine = 0;
  #found = 0;
  #depth = 0;
  #inString = false;
  #afterBackslash = false;
  #isClosed = false;

  /** `line` is the one with the bracket. */
  constructor(line: number) {
    this.#lineAtHand = line;
  }

  find(piece: Buffer, at: number): number {
    let place = at;
    while (place < piece.length) {
      if (this.#inString) place = this.#skipString(piece, place);
      else if (this.#endsWith(piece[place] ?? 0)) return place;
      else place++;
    }
    return -1;
  }

  passOver(): void {
    const isEmptyArray = this.#isClosed && this.#found === 1;
    if (!isEmptyArray)
      throw new OperatorError(`line ${this.#lineAtHand}: there is nothing before a comma or behind one`);
  }

  end(): void {
    if (!this.#isClosed) throw new OperatorError('the file ends before the array that it holds');
  }

  /** Takes the next byte, outside of strings. Whether it ends the item. */
  #endsWith(byte: number): boolean {
    if (byte <= SPACE) {
      if (byte === LINE_FEED) this.#lineAtHand++;
      return false;
    }
    if (this.#isClosed) throw new OperatorError(`line ${this.#lineAtHand}: something follows the array`);
    if (this.#depth === 0 && (byte === COMMA || byte === CLOSE_BRACKET)) return this.#endItem(byte);
    if (this.#itemLine === 0) this.#itemLine = this.#lineAtHand;
    if (byte === QUOTE) this.#inString = true;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.#depth++;
    else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && this.#depth > 0) this.#depth--;
    return false;
  }

  #endItem(byte: number): true {
    this.#isClosed = byte === CLOSE_BRACKET;
    this.line = this.#itemLine;
    this.#itemLine = 0;
    this.#found++;
    return true;
  }

  /** Where in the piece the string ends that is at hand, or the piece. */
  #skipString(piece: Buffer, at: number): number {
    const { length } = piece;
    let place = this.#afterBackslash ? at + 1 : at;
    for (; place < length; place++) {
      const byte = piece[place];
      if (byte === QUOTE) {
        this.#afterBackslash = false;
        this.#inString = false;
        return place + 1;
      }
      if (byte === BACKSLASH) place++;
    }
    this.#afterBackslash = place > length;
    return length;
  }
}

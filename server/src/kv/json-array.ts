/** Walks over a text that is one JSON array, while it arrives. */
import { type ArrivingText, NOT_ARRIVED } from './arriving-text.ts';
import { CLOSE_BRACKET, OPEN_BRACKET } from './ascii.ts';
import type { KvError } from './errors.ts';
import { JsonScanner } from './json-scanner.ts';
import { JsonSyntaxError } from './json-syntax-error.ts';
import type { Steps } from './steps.ts';

export interface ArrayReader {
  /**
   * Reads or skips the element at hand. Where that throws `NOT_ARRIVED`, it is called again when more has arrived, with
   * the scanner where it was kept last: in front of the element, unless the reader has kept a place within it.
   */
  readElement(scanner: JsonScanner, index: number): void;
  /** The error for a text that is something else, in words. */
  malformed(detail: string): KvError;
}

/** What is read between two pauses, an element at least: 1 MiB, which takes some milliseconds. */
const BYTES_BETWEEN_PAUSES = 1_048_576;

/** Answers how many elements there are. That the text is malformed is told when all of it has arrived, for it may fail. */
export function* readArray(text: ArrivingText, reader: ArrayReader): Steps<number> {
  const walk = new ArrayWalk(text, reader);
  try {
    yield* walk.steps();
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    text.discard();
    if (!text.isWhole) yield text.reaches(Number.POSITIVE_INFINITY);
    throw reader.malformed(error.message);
  }
  if (!walk.isArray) throw reader.malformed('not an array');
  return walk.count;
}

type Expected = 'value' | 'element' | 'separator' | 'end' | 'nothing';

class ArrayWalk {
  isArray = false;
  /** Elements that were read. */
  count = 0;

  readonly #text: ArrivingText;
  readonly #scanner: JsonScanner;
  readonly #reader: ArrayReader;
  #expected: Expected = 'value';

  constructor(text: ArrivingText, reader: ArrayReader) {
    this.#text = text;
    this.#scanner = new JsonScanner(text);
    this.#reader = reader;
  }

  *steps(): Steps<void> {
    const scanner = this.#scanner;
    for (;;) {
      const lengthNeeded = this.#walk(scanner.position + BYTES_BETWEEN_PAUSES);
      if (this.#expected === 'nothing') return;
      yield lengthNeeded === undefined ? undefined : this.#text.reaches(lengthNeeded);
    }
  }

  /** Walks to the end, or up to a position, or as far as the text has arrived: then it answers which length to wait for. */
  #walk(pauseAt: number): number | undefined {
    const scanner = this.#scanner;
    scanner.resume();
    try {
      while (this.#expected !== 'nothing' && scanner.position < pauseAt) {
        this.#expected = this.#step();
        scanner.keep();
      }
      return undefined;
    } catch (error) {
      if (error !== NOT_ARRIVED) throw error;
      return scanner.goBack();
    }
  }

  #step(): Expected {
    const scanner = this.#scanner;
    switch (this.#expected) {
      case 'value':
        this.isArray = scanner.peek() === OPEN_BRACKET;
        if (this.isArray) return scanner.enter(CLOSE_BRACKET) ? 'element' : 'end';
        scanner.skipValue();
        return 'end';
      case 'element':
        this.#reader.readElement(scanner, this.count);
        this.count++;
        return 'separator';
      case 'separator':
        return scanner.next(CLOSE_BRACKET) ? 'element' : 'end';
      default:
        scanner.skipEnd();
        return 'nothing';
    }
  }
}

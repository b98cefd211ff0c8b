/** Pairs as lines of JSON: one a line, and a line feed nowhere else. */
import { isAscii, isUtf8 } from 'node:buffer';
import { OFFSETS_PER_PAIR, type Puts, pairCount } from './puts.ts';

/**
 * What a line shows of a pair: all of it, as an item of a bulk write; what a listing of keys says of it; or its key
 * alone, as a JSON string.
 */
export const SHOWN = ['pairs', 'listing', 'keys'] as const;
export type Shown = (typeof SHOWN)[number];

/** As the text that is stored; undefined where there is none. */
export type TakesMetadata = (metadata: string | undefined) => boolean;

/** Of base64, a piece that is not the last has to be of whole groups of three bytes. */
const PIECE_BYTES = 3 * 65_536;

/** Pairs whose metadata is looked at between two pieces. */
const LOOKED_AT_ONCE = 128;
const NO_LINES = Buffer.alloc(0);

/** Places among the offsets of a pair. */
const KEY = 0;
const METADATA = 2;
const VALUE = 4;

/**
 * The lines of those pairs whose metadata is taken, in pieces of about 200 kB. Metadata is the text that was stored, but
 * for line breaks, which stand between its parts alone and become spaces. Where conditions are looked at, empty
 * pieces come between, so that others can have their turn however few pairs are taken.
 */
export function* pairLines(puts: Puts, shown: Shown, takes?: TakesMetadata): Generator<Buffer, void> {
  const texts = LINES[shown](puts);
  let lines = '';
  for (let pair = 0; pair < pairCount(puts); pair++) {
    if (takes !== undefined && pair % LOOKED_AT_ONCE === LOOKED_AT_ONCE - 1) yield NO_LINES;
    if (takes !== undefined && !takes(texts.metadata(pair))) continue;
    for (const part of texts.line(pair)) {
      lines += part;
      if (lines.length < PIECE_BYTES) continue;
      yield Buffer.from(lines, 'latin1');
      lines = '';
    }
  }
  if (lines !== '') yield Buffer.from(lines, 'latin1');
}

/** The texts of pairs, a character a byte: what JSON escapes is below 0x80, so that UTF-8 comes out as it came in. */
abstract class Lines {
  protected readonly puts: Puts;
  protected readonly bytes: Buffer;
  protected readonly text: string;

  constructor(puts: Puts) {
    this.puts = puts;
    this.bytes = Buffer.from(puts.arena.buffer, 0, puts.arena.length);
    this.text = this.bytes.toString('latin1');
  }

  /** A line in parts, of which only the last has a line feed. */
  abstract line(pair: number): Iterable<string>;

  metadata(pair: number): string | undefined {
    const [start, end] = this.at(pair, METADATA);
    return start === end ? undefined : this.bytes.toString('utf8', start, end);
  }

  protected key(pair: number): string {
    return JSON.stringify(this.text.slice(...this.at(pair, KEY)));
  }

  /** What follows on a name or a value. */
  protected rest(pair: number): string {
    const expires = this.puts.expiresAt[pair] ?? 0;
    const [start, end] = this.at(pair, METADATA);
    const expiration = expires > 0 ? `,"expiration":${expires}` : '';
    return start === end ? `${expiration}}\n` : `${expiration},"metadata":${onOneLine(this.text.slice(start, end))}}\n`;
  }

  protected at(pair: number, place: number): [start: number, end: number] {
    const at = pair * OFFSETS_PER_PAIR + place;
    return [this.puts.offsets[at] ?? 0, this.puts.offsets[at + 1] ?? 0];
  }
}

class KeyLines extends Lines {
  line(pair: number): string[] {
    return [`${this.key(pair)}\n`];
  }
}

class ListingLines extends Lines {
  line(pair: number): string[] {
    return [`{"name":${this.key(pair)}${this.rest(pair)}`];
  }
}

class PairLines extends Lines {
  readonly #isAscii: boolean;

  constructor(puts: Puts) {
    super(puts);
    this.#isAscii = isAscii(this.bytes);
  }

  line(pair: number): Iterable<string> {
    const [start, end] = this.at(pair, VALUE);
    return end - start > PIECE_BYTES ? this.#longLine(pair, start, end) : [this.#shortLine(pair, start, end)];
  }

  #shortLine(pair: number, start: number, end: number): string {
    const isText = this.#isText(start, end);
    const value = isText ? JSON.stringify(this.text.slice(start, end)) : `"${this.#base64(start, end)}","base64":true`;
    return `{"key":${this.key(pair)},"value":${value}${this.rest(pair)}`;
  }

  *#longLine(pair: number, start: number, end: number): Generator<string> {
    const isText = this.#isText(start, end);
    yield `{"key":${this.key(pair)},"value":"`;
    for (let from = start; from < end; from += PIECE_BYTES) {
      const to = Math.min(end, from + PIECE_BYTES);
      yield isText ? JSON.stringify(this.text.slice(from, to)).slice(1, -1) : this.#base64(from, to);
    }
    yield isText ? '"' : '","base64":true';
    yield this.rest(pair);
  }

  #isText(start: number, end: number): boolean {
    return this.#isAscii || isUtf8(this.bytes.subarray(start, end));
  }

  #base64(start: number, end: number): string {
    return this.bytes.toString('base64', start, end);
  }
}

const LINES: Readonly<Record<Shown, (puts: Puts) => Lines>> = {
  pairs: puts => new PairLines(puts),
  listing: puts => new ListingLines(puts),
  keys: puts => new KeyLines(puts),
};

function onOneLine(json: string): string {
  return /[\r\n]/.test(json) ? json.replace(/[\r\n]/g, ' ') : json;
}

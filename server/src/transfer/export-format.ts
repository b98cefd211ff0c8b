/** The forms in which pairs leave a server: as the lines that it sends, or as one JSON array of them. */
import { LINE_FEED } from '../kv/ascii.ts';
import { OperatorError } from '../operator-error.ts';

const OPENED = Buffer.from('[\n');
const SEPARATOR = Buffer.from(',\n');
const CLOSED = Buffer.from('\n]\n');
const EMPTY = Buffer.from('[]\n');

/** Part of an export has come, and no more will. */
export class ExportCutOff extends OperatorError {
  override readonly name = 'ExportCutOff';
}

/** Tells of each piece how many lines end in it. Throws `ExportCutOff` where the last line has no end. */
export async function* countLines(
  pieces: AsyncIterable<Uint8Array>,
  tell: (lines: number) => void,
): AsyncGenerator<Uint8Array> {
  let last = LINE_FEED;
  for await (const piece of pieces) {
    tell(linesIn(piece));
    last = piece.at(-1) ?? last;
    yield piece;
  }
  if (last !== LINE_FEED) throw new ExportCutOff('the server ended the export in the middle of a line');
}

function linesIn(piece: Uint8Array): number {
  let lines = 0;
  for (let at = piece.indexOf(LINE_FEED); at >= 0; at = piece.indexOf(LINE_FEED, at + 1)) lines++;
  return lines;
}

/** Whole lines as the elements of an array, a line each. */
export async function* asArray(lines: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let isEmpty = true;
  let isBetween = false;
  for await (const piece of lines) {
    if (piece.length === 0) continue;
    if (isEmpty) yield OPENED;
    if (isBetween) yield SEPARATOR;
    isEmpty = false;
    isBetween = piece.at(-1) === LINE_FEED;
    yield* elements(isBetween ? piece.subarray(0, -1) : piece);
  }
  yield isEmpty ? EMPTY : CLOSED;
}

/** Puts a comma before every line feed. */
function* elements(lines: Uint8Array): Generator<Uint8Array> {
  const commas = linesIn(lines);
  if (commas === 0) {
    yield lines;
    return;
  }
  const separated = Buffer.allocUnsafe(lines.length + commas);
  let length = 0;
  let start = 0;
  for (let at = lines.indexOf(LINE_FEED); at >= 0; at = lines.indexOf(LINE_FEED, start)) {
    separated.set(lines.subarray(start, at), length);
    length += at - start;
    separated.set(SEPARATOR, length);
    length += SEPARATOR.length;
    start = at + 1;
  }
  separated.set(lines.subarray(start), length);
  yield separated;
}

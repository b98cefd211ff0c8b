/** A part of a file of pairs that makes one bulk write, and where in the file it comes from. */

export interface Bulk {
  /** A JSON array, as far as its items are JSON. */
  readonly body: Buffer<ArrayBuffer>;
  /** Where in the body each item begins; a comma lies between two, a bracket behind the last. */
  readonly starts: Uint32Array<ArrayBuffer>;
  /** The line of the file on which each item begins, from 1. */
  readonly lines: Uint32Array<ArrayBuffer>;
  /** The number in the file of the first item, from 1. */
  readonly firstNumber: number;
  readonly form: FileForm;
}

/** JSON Lines, or one JSON array. */
type FileForm = 'lines' | 'array';

export function itemCount({ starts }: Bulk): number {
  return starts.length;
}

export function itemBytes({ body, starts }: Bulk, index: number): Buffer<ArrayBuffer> {
  return body.subarray(starts[index], (starts[index + 1] ?? body.length) - 1);
}

/**
 * What an import is told to begin with to begin with this item: its line, or its number in an array, all of which may
 * lie on one line.
 */
export function placeOf({ form, firstNumber, lines }: Bulk, index: number): number {
  return form === 'lines' ? (lines[index] ?? 0) : firstNumber + index;
}

/** The same in words. */
export function placeName({ form, firstNumber, lines }: Bulk, index: number): string {
  const line = `line ${lines[index]}`;
  return form === 'lines' ? line : `pair ${firstNumber + index} on ${line}`;
}

/** A key as a line of its own: as it is where that can be, and as JSON text otherwise. */
import { OperatorError } from '../../operator-error.ts';
import { isUnsafe, shown } from '../../shown.ts';

const QUOTE = '"';

export function keyLine(key: string): string {
  return key.startsWith(QUOTE) || isUnsafe(key) ? shown(key) : key;
}

/** The key that such a line stands for. Throws an `OperatorError` where it begins as JSON text and is none. */
export function readKeyLine(line: string): string {
  const key = line.startsWith(QUOTE) ? parseJson(line) : line;
  if (typeof key === 'string') return key;
  throw new OperatorError(
    `a line that begins with a quotation mark has to be a key in JSON, and this is not: ${shown(line)}`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

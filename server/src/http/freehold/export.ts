/** All pairs of a namespace as of one instant, as lines of JSON. */

import type { Scan } from '../../kv/engine.ts';
import { kvError, shownKey } from '../../kv/errors.ts';
import { LIMITS } from '../../kv/limits.ts';
import { pairLines, SHOWN, type TakesMetadata } from '../../kv/pair-lines.ts';
import type { Puts } from '../../kv/puts.ts';
import { parseWhere } from '../../kv/where.ts';
import type { Reservation } from '../byte-budget.ts';
import type { Call } from '../call.ts';
import type { Pieces } from '../pieces.ts';
import { type RepeatedParameter, textParameter } from '../query.ts';
import type { Route } from '../route.ts';
import { keyText, PAIRS, PREFIX, wordParameter } from './namespace.ts';

const WHERE: RepeatedParameter<TakesMetadata | undefined> = {
  description:
    'Only pairs whose metadata is so, such as `metadata.a.b[0]`, `metadata.a=1` or `metadata.a!=x`. Where there are several, all must hold.',
  schema: { type: 'array', items: { type: 'string' } },
  decodeAll: decodeWhere,
};

const QUERY = {
  prefix: PREFIX,
  after: textParameter('Only keys after this one, so that an export that was cut off can be gone on with.'),
  show: wordParameter(
    'show',
    'What a line is: a pair as a bulk write takes it, a key as it is listed, or a key as a JSON string.',
    SHOWN,
  ),
  where: WHERE,
};

export const EXPORT_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: `${PAIRS}/export`,
    id: 'exportPairs',
    summary: 'All pairs in the order of the UTF-8 bytes of their keys, as of one instant',
    access: 'read',
    operation: 'export',
    query: QUERY,
    answer: {
      contentType: 'application/x-ndjson',
      schema: { type: 'string', description: 'A JSON text a line. An answer that was cut off lacks its last chunk.' },
    },
    handle: exportPairs,
  },
];

async function exportPairs(call: Call): Promise<Pieces> {
  const { namespace } = call;
  const prefix = keyText(call, 'prefix', QUERY.prefix);
  const after = keyText(call, 'after', QUERY.after);
  const shown = call.query('show', QUERY.show);
  const takes = call.repeatedQuery('where', QUERY.where);
  const scan = await call.engine.scan(namespace, { prefix, after, values: shown === 'pairs' }, LIMITS.scans);
  call.contentType = 'application/x-ndjson';
  return new Export(call, scan, puts => pairLines(puts, shown, takes));
}

/** What an answer has of the memory for answers, it has for one batch at a time. */
class Export implements Pieces {
  readonly #call: Call;
  readonly #scan: Scan;
  readonly #linesOf: (puts: Puts) => Iterator<Buffer, void>;
  #lines: Iterator<Buffer, void> | undefined;
  #reserved: Reservation | undefined;

  constructor(call: Call, scan: Scan, linesOf: (puts: Puts) => Iterator<Buffer, void>) {
    this.#call = call;
    this.#scan = scan;
    this.#linesOf = linesOf;
  }

  async next(): Promise<Buffer | undefined> {
    // Lines of a large value could go out one after the other without a turn of the event loop.
    if (this.#lines !== undefined) await new Promise(setImmediate);
    for (;;) {
      const next = this.#lines?.next();
      if (next !== undefined && !next.done) return next.value;
      this.#lines = undefined;
      const puts = await this.#nextBatch();
      if (puts === undefined) return undefined;
      this.#lines = this.#linesOf(puts);
    }
  }

  close(): void {
    this.#scan.close();
    this.#reserved?.release();
  }

  async #nextBatch(): Promise<Puts | undefined> {
    await this.#reserve(LIMITS.mediumBodyBytes);
    const puts = await this.#scan.next();
    const bytes = puts?.arena.length ?? 0;
    if (bytes > LIMITS.mediumBodyBytes) await this.#reserve(bytes);
    else this.#reserved?.shrink(bytes);
    return puts;
  }

  /** In place of what was reserved before: who waits holds nothing. */
  async #reserve(bytes: number): Promise<void> {
    const { services, response } = this.#call;
    this.#reserved?.release();
    this.#reserved = undefined;
    this.#reserved = services.admission.tryReserve(bytes) ?? (await services.admission.reserve(bytes, response));
  }
}

function decodeWhere(texts: readonly string[]): TakesMetadata | undefined {
  const [first, ...others] = texts.map(text => {
    const condition = parseWhere(text);
    if (condition !== undefined) return condition;
    const expected = `a condition such as metadata.a=1, not ${shownKey(text)}`;
    throw kvError('parameterInvalid', { parameter: 'where', expected });
  });
  if (first === undefined || others.length === 0) return first;
  return metadata => first(metadata) && others.every(takes => takes(metadata));
}

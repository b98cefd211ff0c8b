/** All pairs of a namespace as of one instant, as lines of JSON. */
import { kvError, shownKey } from '../../kv/errors.ts';
import { LIMITS } from '../../kv/limits.ts';
import { pairLines, SHOWN, type TakesMetadata } from '../../kv/pair-lines.ts';
import type { Puts } from '../../kv/puts.ts';
import { allHold, parseWhere } from '../../kv/where.ts';
import type { Call } from '../call.ts';
import type { Pieces } from '../pieces.ts';
import { type RepeatedParameter, textParameter } from '../query.ts';
import type { Route } from '../route.ts';
import { keyText, PAIRS, PREFIX, wordParameter } from './namespace.ts';
import { PairBatches } from './pair-batches.ts';

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
  // There an answer ends with its connection, whether or not it is whole.
  if (call.request.httpVersion === '1.0') throw kvError('httpVersionTooLow');
  const { namespace } = call;
  const prefix = keyText(call, 'prefix', QUERY.prefix);
  const after = keyText(call, 'after', QUERY.after);
  const shown = call.query('show', QUERY.show);
  const takes = call.repeatedQuery('where', QUERY.where);
  const batches = await PairBatches.open(call, namespace, { prefix, after, values: shown === 'pairs' });
  call.contentType = 'application/x-ndjson';
  return new Export(batches, puts => pairLines(puts, shown, takes));
}

class Export implements Pieces {
  readonly #batches: PairBatches;
  readonly #linesOf: (puts: Puts) => Iterator<Buffer, void>;
  #lines: Iterator<Buffer, void> | undefined;

  constructor(batches: PairBatches, linesOf: (puts: Puts) => Iterator<Buffer, void>) {
    this.#batches = batches;
    this.#linesOf = linesOf;
  }

  async next(): Promise<Buffer | undefined> {
    for (;;) {
      // Lines of a large value could go out one after the other without a turn of the event loop.
      if (this.#lines !== undefined) await new Promise(setImmediate);
      const next = this.#lines?.next();
      if (next?.value !== undefined && next.value.length > 0) return next.value;
      if (next?.done === false) continue;
      this.#lines = undefined;
      const puts = await this.#batches.next();
      if (puts === undefined) return undefined;
      this.#lines = this.#linesOf(puts);
    }
  }

  close(): void {
    this.#batches.close();
  }
}

function decodeWhere(texts: readonly string[]): TakesMetadata | undefined {
  const limit = LIMITS.exportConditions;
  if (texts.length > limit) {
    throw kvError('parameterInvalid', { parameter: 'where', expected: `given ${limit} times at most` });
  }
  const conditions = texts.map(text => {
    const condition = parseWhere(text);
    if (condition !== undefined) return condition;
    const expected = `a condition such as metadata.a=1, not ${shownKey(text)}`;
    throw kvError('parameterInvalid', { parameter: 'where', expected });
  });
  return conditions.length === 0 ? undefined : allHold(conditions);
}

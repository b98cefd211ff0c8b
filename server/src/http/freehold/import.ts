/** Pairs brought from elsewhere. */
import { readImport } from '../../kv/bulk-reader.ts';
import { pairCount } from '../../kv/puts.ts';
import { ON_CONFLICT } from '../../kv/transfer-request.ts';
import { receiveBulk } from '../bulk.ts';
import type { Call } from '../call.ts';
import { success } from '../envelope.ts';
import type { Route } from '../route.ts';
import { BULK_PAIRS } from '../schemas.ts';
import { inTurns } from '../turns.ts';
import { keysTaken, onConflictOf } from './conflicts.ts';
import { PAIRS, wordParameter } from './namespace.ts';

const QUERY = {
  on_conflict: wordParameter('on_conflict', 'What becomes of pairs whose keys are there already.', ON_CONFLICT),
};

const count = { type: 'integer', minimum: 0 };

export const IMPORT_ROUTES: readonly Route[] = [
  {
    method: 'PUT',
    path: `${PAIRS}/import`,
    id: 'importPairs',
    summary: 'Write multiple key-value pairs, all or none, but for those that have expired',
    access: 'change',
    operation: 'import',
    query: QUERY,
    body: { 'application/json': BULK_PAIRS },
    answer: {
      result: {
        type: 'object',
        required: ['written', 'expired', 'skipped', 'unsuccessful_keys'],
        properties: {
          written: count,
          expired: { ...count, description: 'Left out because they have expired.' },
          skipped: { ...count, description: 'Left out because their keys were there.' },
          unsuccessful_keys: { type: 'array', items: { type: 'string' } },
        },
      },
    },
    handle: importPairs,
  },
];

async function importPairs(call: Call): Promise<string> {
  const { namespace } = call;
  const onConflict = onConflictOf(call.query('on_conflict', QUERY.on_conflict));
  const { puts, expired } = await inTurns(readImport(await receiveBulk(call, namespace), call.services.clock));
  const count = pairCount(puts);
  const changes = { puts, ...onConflict };
  const {
    failedKeys,
    skipped = [],
    conflicts,
  } = count === 0 ? { failedKeys: [] } : await call.engine.write(namespace, changes);
  if (conflicts !== undefined) throw keysTaken(conflicts);
  const written = count - skipped.length - failedKeys.length;
  return success(JSON.stringify({ written, expired, skipped: skipped.length, unsuccessful_keys: failedKeys }));
}

/** How many keys a namespace has. */
import { LIMITS } from '../../kv/limits.ts';
import type { Call } from '../call.ts';
import { success } from '../envelope.ts';
import type { Route } from '../route.ts';
import { keyText, PAIRS, PREFIX } from './namespace.ts';

export const COUNT_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: `${PAIRS}/count`,
    id: 'countKeys',
    summary: 'Count the keys, exactly and as of one instant',
    access: 'read',
    operation: 'count',
    query: { prefix: PREFIX },
    answer: {
      result: { type: 'object', required: ['count'], properties: { count: { type: 'integer', minimum: 0 } } },
    },
    handle: count,
  },
];

async function count(call: Call): Promise<string> {
  const { namespace } = call;
  const prefix = keyText(call, 'prefix', PREFIX);
  return success(JSON.stringify({ count: await call.engine.count(namespace, prefix, LIMITS.scans) }));
}

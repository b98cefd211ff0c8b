/** Listing keys through a KV binding. */
import { kvError, shownKey } from '../../kv/errors.ts';
import { LIMITS } from '../../kv/limits.ts';
import type { Call } from '../call.ts';
import { joined } from '../joined.ts';
import { listPage, PAGE_QUERY } from '../key-page.ts';
import type { QueryParameter } from '../query.ts';
import type { Route } from '../route.ts';
import { BOUND_LIST } from '../schemas.ts';
import { BOUND_NAMESPACE, boundNamespace } from './namespace.ts';

const keysMax = LIMITS.listKeysMax;

const keyCountLimit: QueryParameter<number> = {
  description: 'How many keys a page.',
  schema: { type: 'integer', minimum: 1, maximum: keysMax, default: keysMax },
  decode: text => {
    if (text === null) return keysMax;
    const count = /^\d+$/.test(text) ? Number(text) : 0;
    if (count < 1) throw kvError('keyCountLimitTooSmall', { count: shownKey(text) });
    if (count > keysMax) throw kvError('keyCountLimitTooLarge', { count, limit: keysMax });
    return count;
  },
};

export const BOUND_KEY_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: BOUND_NAMESPACE,
    surface: 'binding',
    id: 'bindingList',
    summary: 'List keys in the order of their UTF-8 bytes',
    access: 'read',
    query: { key_count_limit: keyCountLimit, ...PAGE_QUERY },
    answer: { contentType: 'application/json', schema: BOUND_LIST },
    handle: list,
  },
];

/** Metadata is a string of JSON here, which the binding parses. */
async function list(call: Call): Promise<Buffer> {
  const limit = call.query('key_count_limit', keyCountLimit);
  const { json, cursor } = await listPage(call, await boundNamespace(call), limit, 'text');
  const end = cursor === undefined ? '"list_complete":true' : `"list_complete":false,"cursor":"${cursor}"`;
  return joined(['{"keys":', json, `,${end}}`]);
}

/** Listing keys through a KV binding. */
import type { ListedKey } from '../../kv/engine.ts';
import { kvError, shownKey } from '../../kv/errors.ts';
import { LIMITS } from '../../kv/limits.ts';
import type { Call } from '../call.ts';
import { listPage, PAGE_QUERY } from '../key-page.ts';
import type { QueryParameter } from '../query.ts';
import type { Route } from '../route.ts';
import { BOUND_LIST } from '../schemas.ts';
import { BOUND_NAMESPACE, boundNamespace } from './namespace.ts';

const limit = LIMITS.listKeysMax;

const keyCountLimit: QueryParameter<number> = {
  description: 'How many keys a page.',
  schema: { type: 'integer', minimum: 1, maximum: limit, default: limit },
  decode: text => {
    if (text === null) return limit;
    const count = /^\d+$/.test(text) ? Number(text) : 0;
    if (count < 1) throw kvError('keyCountLimitTooSmall', { count: shownKey(text) });
    if (count > limit) throw kvError('keyCountLimitTooLarge', { count, limit });
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
    query: { key_count_limit: keyCountLimit, ...PAGE_QUERY },
    answer: { contentType: 'application/json', schema: BOUND_LIST },
    handle: list,
  },
];

async function list(call: Call): Promise<string> {
  const count = call.query('key_count_limit', keyCountLimit);
  const { keys, cursor } = await listPage(call, await boundNamespace(call), count);
  const end = cursor === undefined ? '"list_complete":true' : `"list_complete":false,"cursor":"${cursor}"`;
  return `{"keys":[${keys.map(shape).join(',')}],${end}}`;
}

/** Metadata is a string of JSON here, which the binding parses. */
function shape({ key, expiresAt, metadata }: ListedKey): string {
  return JSON.stringify({ name: key, expiration: expiresAt, metadata });
}

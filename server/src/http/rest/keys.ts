/** Listing the keys of a namespace. */
import { fault } from '../../kv/errors.ts';
import { LIMITS } from '../../kv/limits.ts';
import type { Call } from '../call.ts';
import { successOf } from '../envelope.ts';
import { listPage, PAGE_QUERY } from '../key-page.ts';
import { integerParameter } from '../query.ts';
import type { Route } from '../route.ts';
import { CURSOR_INFO, LISTED_KEY } from '../schemas.ts';
import { ONE_NAMESPACE } from './namespaces.ts';

const QUERY = {
  limit: integerParameter({
    description: 'How many keys a page.',
    minimum: LIMITS.listKeysMin,
    maximum: LIMITS.listKeysMax,
    default: LIMITS.listKeysMax,
    notInteger: fault('limitNotInteger'),
    tooSmall: fault('limitTooSmall', { limit: LIMITS.listKeysMin }),
    tooLarge: fault('limitTooLarge', { limit: LIMITS.listKeysMax }),
  }),
  ...PAGE_QUERY,
};

export const KEY_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: `${ONE_NAMESPACE}/keys`,
    id: 'listKeys',
    summary: 'List keys in the order of their UTF-8 bytes',
    access: 'read',
    operation: 'list keys',
    query: QUERY,
    answer: { result: { type: 'array', items: LISTED_KEY }, resultInfo: CURSOR_INFO },
    handle: list,
  },
];

async function list(call: Call): Promise<Buffer> {
  const { namespace } = call;
  const limit = call.query('limit', QUERY.limit);
  const { json, count, cursor = '' } = await listPage(call, namespace, limit, 'value');
  return successOf([json], { count, cursor });
}

/** Listing the keys of a namespace. */
import type { ListedKey } from '../../kv/engine.ts';
import { fault } from '../../kv/errors.ts';
import { LIMITS } from '../../kv/limits.ts';
import type { Call } from '../call.ts';
import { success } from '../envelope.ts';
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
    operation: 'list keys',
    query: QUERY,
    answer: { result: { type: 'array', items: LISTED_KEY }, resultInfo: CURSOR_INFO },
    handle: list,
  },
];

async function list(call: Call): Promise<string> {
  const { namespace } = call;
  const limit = call.query('limit', QUERY.limit);
  const { keys, cursor = '' } = await listPage(call, namespace, limit);
  return success(`[${keys.map(shape).join(',')}]`, { count: keys.length, cursor });
}

/** Metadata goes out as the text that came in. */
function shape({ key, expiresAt, metadata }: ListedKey): string {
  const expiration = expiresAt === undefined ? '' : `,"expiration":${expiresAt}`;
  const data = metadata === undefined ? '' : `,"metadata":${metadata}`;
  return `{"name":${JSON.stringify(key)}${expiration}${data}}`;
}

/** Listing the keys of a namespace. */
import { decodeCursor, encodeCursor } from '../../kv/cursors.ts';
import type { ListedKey } from '../../kv/engine.ts';
import { fault, KvError, kvError } from '../../kv/errors.ts';
import { keyLengthFault } from '../../kv/keys.ts';
import { LIMITS } from '../../kv/limits.ts';
import type { Call } from '../call.ts';
import { success } from '../envelope.ts';
import { integerParameter, textParameter } from '../query.ts';
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
  prefix: textParameter('Only keys that begin with it.'),
  cursor: textParameter('Goes on after the page that gave it; `prefix` has to be sent again.'),
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
  const address = call.namespace;
  const limit = call.query('limit', QUERY.limit);
  const prefix = call.query('prefix', QUERY.prefix);
  const tooLong = keyLengthFault(prefix);
  if (tooLong !== undefined) throw new KvError([tooLong]);
  const after = decodeCursor(call.query('cursor', QUERY.cursor));
  if (after === undefined) throw kvError('cursorInvalid');
  const { keys, complete } = await call.engine.list(address, { prefix, after, limit });
  const cursor = complete ? '' : encodeCursor(keys.at(-1)?.key ?? '');
  return success(`[${keys.map(shape).join(',')}]`, { count: keys.length, cursor });
}

/** Metadata goes out as the text that came in. */
function shape({ key, expiresAt, metadata }: ListedKey): string {
  const expiration = expiresAt === undefined ? '' : `,"expiration":${expiresAt}`;
  const data = metadata === undefined ? '' : `,"metadata":${metadata}`;
  return `{"name":${JSON.stringify(key)}${expiration}${data}}`;
}

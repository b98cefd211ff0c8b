/** Many pairs in one call through a KV binding: get as workerd has it; put and delete are Freehold's own. */
import { isUtf8 } from 'node:buffer';
import type { StoredPair } from '../../kv/engine.ts';
import { type BulkGet, deleteKeys, getPairs, jsonOf, putPairs, readBulkGet } from '../bulk.ts';
import type { Call } from '../call.ts';
import type { Route } from '../route.ts';
import { BOUND_BULK_GET, BOUND_BULK_VALUES, BULK_KEYS, BULK_PAIRS, BULK_RESULT } from '../schemas.ts';
import { checkCacheTtl } from './cache-ttl.ts';
import { BOUND_NAMESPACE, boundNamespace } from './namespace.ts';

const BULK = `${BOUND_NAMESPACE}/bulk`;

export const BOUND_BULK_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: `${BULK}/get`,
    surface: 'binding',
    id: 'bindingBulkGet',
    summary: 'Read multiple values, as of one instant',
    access: 'read',
    body: { 'application/json': BOUND_BULK_GET },
    answer: { contentType: 'application/json', schema: BOUND_BULK_VALUES },
    handle: get,
  },
  {
    method: 'POST',
    path: `${BULK}/put`,
    surface: 'binding',
    id: 'bindingBulkPut',
    summary: 'Write multiple key-value pairs, all or none',
    access: 'change',
    body: { 'application/json': BULK_PAIRS },
    answer: { contentType: 'application/json', schema: BULK_RESULT },
    handle: async call => putPairs(call, await boundNamespace(call)),
  },
  {
    method: 'POST',
    path: `${BULK}/delete`,
    surface: 'binding',
    id: 'bindingBulkDelete',
    summary: 'Delete multiple pairs, whether or not they exist',
    access: 'change',
    body: { 'application/json': BULK_KEYS },
    answer: { contentType: 'application/json', schema: BULK_RESULT },
    handle: async call => deleteKeys(call, await boundNamespace(call)),
  },
];

/** What is not UTF-8 becomes U+FFFD, as in the text of a single get. */
async function get(call: Call): Promise<Buffer> {
  const namespace = await boundNamespace(call);
  const asked = await readBulkGet(call, namespace);
  checkCacheTtl(asked.cacheTtl);
  const values = await getPairs(call, namespace, asked, pair => shapePair(pair, asked));
  return isUtf8(values) ? values : Buffer.from(values.toString());
}

function shapePair(pair: StoredPair, { type, withMetadata }: BulkGet): string {
  const value = type === 'json' ? jsonOf(pair) : JSON.stringify(pair.value.toString());
  return withMetadata ? `{"value":${value},"metadata":${pair.metadata ?? 'null'}}` : value;
}

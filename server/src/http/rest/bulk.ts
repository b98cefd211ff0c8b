/** Many pairs in one call: write, get, delete. */
import { isUtf8 } from 'node:buffer';
import type { StoredPair } from '../../kv/engine.ts';
import { kvError } from '../../kv/errors.ts';
import { type BulkGet, deleteKeys, getPairs, jsonOf, putPairs, readBulkGet, textOf } from '../bulk.ts';
import type { Call } from '../call.ts';
import { success, successOf } from '../envelope.ts';
import type { Route } from '../route.ts';
import { BULK_GET, BULK_GET_RESULT, BULK_KEYS, BULK_PAIRS, BULK_RESULT } from '../schemas.ts';
import { ONE_NAMESPACE } from './namespaces.ts';

const BULK = `${ONE_NAMESPACE}/bulk`;

export const BULK_ROUTES: readonly Route[] = [
  {
    method: 'PUT',
    path: BULK,
    id: 'bulkPut',
    summary: 'Write multiple key-value pairs, all or none',
    access: 'change',
    operation: 'bulk put',
    body: { 'application/json': BULK_PAIRS },
    answer: { result: BULK_RESULT },
    handle: put,
  },
  {
    method: 'POST',
    path: `${BULK}/get`,
    id: 'bulkGet',
    summary: 'Read multiple values, as of one instant',
    access: 'read',
    operation: 'bulk get keys',
    body: { 'application/json': BULK_GET },
    answer: { result: BULK_GET_RESULT },
    handle: get,
  },
  {
    method: 'POST',
    path: `${BULK}/delete`,
    id: 'bulkDelete',
    summary: 'Delete multiple pairs, whether or not they exist',
    access: 'change',
    operation: 'bulk remove keys',
    body: { 'application/json': BULK_KEYS },
    answer: { result: BULK_RESULT },
    handle: remove,
  },
  {
    method: 'DELETE',
    path: BULK,
    id: 'bulkDeleteWithBody',
    summary: 'The same as bulkDelete, for older clients',
    access: 'change',
    operation: 'bulk remove keys',
    body: { 'application/json': BULK_KEYS },
    answer: { result: BULK_RESULT },
    handle: remove,
  },
];

async function put(call: Call): Promise<string> {
  return success(await putPairs(call, call.namespace));
}

async function remove(call: Call): Promise<string> {
  return success(await deleteKeys(call, call.namespace));
}

async function get(call: Call): Promise<Buffer> {
  const { namespace } = call;
  const asked = await readBulkGet(call, namespace);
  const values = await getPairs(call, namespace, asked, pair => shapePair(pair, asked));
  if (!isUtf8(values)) throw kvError('bulkGetNotText');
  return successOf(['{"values":', values, '}']);
}

function shapePair(pair: StoredPair, { type, withMetadata }: BulkGet): string {
  const value = type === 'json' ? jsonOf(pair) : jsonStringOf(pair);
  if (!withMetadata) return value;
  const expiration = pair.expiresAt === undefined ? '' : `,"expiration":${pair.expiresAt}`;
  return `{"value":${value},"metadata":${pair.metadata ?? 'null'}${expiration}}`;
}

function jsonStringOf(pair: StoredPair): string {
  const text = textOf(pair);
  if (text === undefined) throw kvError('bulkGetNotText');
  return JSON.stringify(text);
}

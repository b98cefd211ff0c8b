/** Many pairs in one call: write, get, delete. */
import { isUtf8 } from 'node:buffer';
import { distinctKeys, readBulkKeys } from '../../kv/bulk-keys.ts';
import { readBulk } from '../../kv/bulk-reader.ts';
import type { StoredPair } from '../../kv/engine.ts';
import { kvError, shownKey } from '../../kv/errors.ts';
import { LIMITS } from '../../kv/limits.ts';
import { isJson } from '../../kv/metadata.ts';
import { pairCount } from '../../kv/puts.ts';
import { bodyTooLarge, checkAnnouncedBody, readBody } from '../body.ts';
import type { Call } from '../call.ts';
import { success } from '../envelope.ts';
import { readJson } from '../json-body.ts';
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
    operation: 'bulk remove keys',
    body: { 'application/json': BULK_KEYS },
    answer: { result: BULK_RESULT },
    handle: remove,
  },
];

async function put(call: Call): Promise<string> {
  const { namespace, engine, services } = call;
  const puts = readBulk(await readBulkBody(call), services.clock());
  const count = pairCount(puts);
  const failedKeys = count === 0 ? [] : (await engine.write(namespace, { puts })).failedKeys;
  return bulkResult(count, failedKeys);
}

async function remove(call: Call): Promise<string> {
  const { namespace, engine } = call;
  const deletes = readBulkKeys(await readBulkBody(call));
  const failedKeys = deletes.length === 0 ? [] : (await engine.write(namespace, { deletes })).failedKeys;
  return bulkResult(deletes.length, failedKeys);
}

/** Refuses what can be refused before a hundred megabytes were received. */
async function readBulkBody({ namespace, engine, request }: Call): Promise<Uint8Array<ArrayBuffer>> {
  const limit = LIMITS.bulkBodyBytes;
  checkAnnouncedBody(request.raw, limit, bodyTooLarge(limit));
  await engine.getNamespace(namespace);
  return readBody(request.raw, limit, bodyTooLarge(limit));
}

function bulkResult(count: number, failedKeys: readonly string[]): string {
  const result = { successful_key_count: count - failedKeys.length, unsuccessful_keys: failedKeys };
  return success(JSON.stringify(result));
}

interface BulkGet {
  readonly keys: string[];
  readonly type: 'text' | 'json';
  readonly withMetadata: boolean;
}

async function get(call: Call): Promise<string> {
  const { namespace, engine } = call;
  const body = await readJson(call.request.raw, detail => kvError('keysMalformed', { detail }));
  await engine.getNamespace(namespace);
  const { keys, type, withMetadata } = decodeBulkGet(body);
  const pairs = await engine.getMany(namespace, keys, LIMITS.bulkGetValueBytes);
  const members = pairs.map((pair, index) => {
    const shown = pair === undefined ? 'null' : shapePair(pair, type, withMetadata);
    return `${JSON.stringify(keys[index])}:${shown}`;
  });
  return success(`{"values":{${members.join(',')}}}`);
}

function decodeBulkGet({ keys, type, withMetadata }: Readonly<Record<string, unknown>>): BulkGet {
  if (!Array.isArray(keys)) throw kvError('keysMalformed', { detail: 'keys must be an array' });
  const limit = LIMITS.bulkGetKeys;
  if (keys.length === 0) throw kvError('bulkGetNoKeys');
  if (keys.length > limit) throw kvError('bulkGetTooManyKeys', { limit });
  return { keys: distinctKeys(keys), type: decodeType(type), withMetadata: decodeFlag(withMetadata) };
}

function decodeType(type: unknown): BulkGet['type'] {
  if (type === undefined || type === null) return 'text';
  if (type === 'text' || type === 'json') return type;
  throw kvError('bulkGetTypeInvalid', { type: typeof type === 'string' ? shownKey(type) : typeof type });
}

function decodeFlag(flag: unknown): boolean {
  if (flag === undefined || flag === null) return false;
  if (typeof flag !== 'boolean') throw kvError('keysMalformed', { detail: 'withMetadata must be a boolean' });
  return flag;
}

function shapePair({ value, metadata, expiresAt }: StoredPair, type: BulkGet['type'], withMetadata: boolean): string {
  const shown = type === 'json' ? shapeJson(value) : shapeText(value);
  if (!withMetadata) return shown;
  const expiration = expiresAt === undefined ? '' : `,"expiration":${expiresAt}`;
  return `{"value":${shown},"metadata":${metadata ?? 'null'}${expiration}}`;
}

function shapeText(value: Buffer): string {
  if (!isUtf8(value)) throw kvError('bulkGetNotText');
  return JSON.stringify(value.toString());
}

/** A JSON value goes out as its own text, so that numbers keep their digits. */
function shapeJson(value: Buffer): string {
  const text = value.toString();
  if (!isUtf8(value) || !isJson(text)) throw kvError('bulkGetNotJson');
  return text;
}

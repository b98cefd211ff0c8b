/** One pair through a KV binding: get, put, delete. */
import type { StoredValue } from '../../kv/engine.ts';
import { decodePathKey } from '../../kv/keys.ts';
import { LIMITS } from '../../kv/limits.ts';
import { readBody } from '../body.ts';
import { type Call, checkedKey } from '../call.ts';
import type { QueryParameter } from '../query.ts';
import type { Route } from '../route.ts';
import { BYTES, EXPIRY_QUERY, getPair, OCTET_STREAM, putPair, valueTooLarge } from '../values.ts';
import { cacheTtlParameter } from './cache-ttl.ts';
import { EMPTY_ANSWER, empty } from './empty-answer.ts';
import { metadataHeader, readMetadataHeader } from './metadata-header.ts';
import { BOUND_NAMESPACE, boundNamespace } from './namespace.ts';

const PAIR = `${BOUND_NAMESPACE}/*key_name`;

const urlencoded: QueryParameter<boolean> = {
  description: 'Whether the key in the path is percent-encoded; without it, the path is the key as it stands.',
  schema: { type: 'boolean', default: false },
  decode: text => text === 'true',
};

export const BOUND_PAIR_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: PAIR,
    surface: 'binding',
    id: 'bindingGet',
    summary: 'Read a value; headers tell its metadata and when it expires',
    access: 'read',
    query: { urlencoded, cache_ttl: cacheTtlParameter },
    answer: { contentType: OCTET_STREAM, schema: BYTES },
    handle: get,
  },
  {
    method: 'PUT',
    path: PAIR,
    surface: 'binding',
    id: 'bindingPut',
    summary: 'Write a value, with metadata in the header CF-KV-Metadata',
    access: 'change',
    query: { urlencoded, ...EXPIRY_QUERY },
    body: { [OCTET_STREAM]: BYTES },
    answer: EMPTY_ANSWER,
    handle: put,
  },
  {
    method: 'DELETE',
    path: PAIR,
    surface: 'binding',
    id: 'bindingDelete',
    summary: 'Delete a pair, whether or not it exists',
    access: 'change',
    query: { urlencoded },
    answer: EMPTY_ANSWER,
    handle: remove,
  },
];

async function get(call: Call): Promise<StoredValue> {
  const key = readKey(call);
  call.query('cache_ttl', cacheTtlParameter);
  const { value, metadata, expiresAt } = await getPair(call, await boundNamespace(call), key);
  call.contentType = OCTET_STREAM;
  if (metadata !== undefined) call.header('cf-kv-metadata', metadataHeader(metadata));
  if (expiresAt !== undefined) call.header('cf-expiration', expiresAt);
  return value;
}

async function put(call: Call): Promise<string> {
  const key = readKey(call);
  const namespace = await boundNamespace(call);
  const value = await readBody(call, LIMITS.valueBytes, valueTooLarge);
  const metadata = readMetadataHeader(call.request.headers['cf-kv-metadata']);
  await putPair(call, namespace, key, { value, metadata });
  return empty(call);
}

async function remove(call: Call): Promise<string> {
  const key = readKey(call);
  await call.engine.write(await boundNamespace(call), { deletes: [key] });
  return empty(call);
}

function readKey(call: Call): string {
  return checkedKey(call.query('urlencoded', urlencoded) ? decodePathKey(call.rawKey) : call.rawKey);
}

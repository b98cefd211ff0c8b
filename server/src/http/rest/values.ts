/** One pair: read, write and delete its value, read its metadata. */
import type { StoredPair } from '../../kv/engine.ts';
import { KvError, kvError } from '../../kv/errors.ts';
import { queryInteger, resolveExpiry } from '../../kv/expiration.ts';
import { LIMITS } from '../../kv/limits.ts';
import { metadataFault, storedMetadata } from '../../kv/metadata.ts';
import { packPairs } from '../../kv/puts.ts';
import { type RefuseBody, readBody } from '../body.ts';
import type { Call } from '../call.ts';
import { success } from '../envelope.ts';
import { isMultipart, readValueForm } from '../multipart.ts';
import type { QueryParameter } from '../query.ts';
import type { Route } from '../route.ts';
import { METADATA, NULL, type Schema, VALUE_FORM } from '../schemas.ts';
import { ONE_NAMESPACE } from './namespaces.ts';

const VALUE = `${ONE_NAMESPACE}/values/:key_name`;
const OCTET_STREAM = 'application/octet-stream';
const BYTES: Schema = { type: 'string', format: 'binary' };

const PUT_QUERY = {
  expiration: secondsParameter('When the pair expires, in seconds since the Unix epoch, at least a minute ahead.'),
  expiration_ttl: secondsParameter('In how many seconds the pair expires, at least 60; wins over `expiration`.'),
};

export const VALUE_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: VALUE,
    id: 'getValue',
    summary: 'Read a value; the header `expiration` tells when it expires, if it does',
    operation: 'get',
    answer: { contentType: OCTET_STREAM, schema: BYTES },
    handle: get,
  },
  {
    method: 'PUT',
    path: VALUE,
    id: 'putValue',
    summary: 'Write a value, in place of an earlier one with its metadata and expiration',
    operation: 'put',
    query: PUT_QUERY,
    body: { [OCTET_STREAM]: BYTES, 'multipart/form-data': VALUE_FORM },
    answer: { result: NULL },
    handle: put,
  },
  {
    method: 'DELETE',
    path: VALUE,
    id: 'deleteValue',
    summary: 'Delete a pair, whether or not it exists',
    operation: 'remove key',
    answer: { result: NULL },
    handle: remove,
  },
  {
    method: 'GET',
    path: `${ONE_NAMESPACE}/metadata/:key_name`,
    id: 'getMetadata',
    summary: 'Read the metadata of a pair, null where it has none',
    operation: 'metadata',
    answer: { result: METADATA },
    handle: async call => success((await find(call)).metadata ?? 'null'),
  },
];

async function get(call: Call): Promise<Buffer> {
  const { value, expiresAt } = await find(call);
  call.reply.header('content-type', OCTET_STREAM);
  if (expiresAt !== undefined) call.reply.header('expiration', expiresAt);
  return value;
}

async function put(call: Call): Promise<string> {
  const { namespace, key, engine } = call;
  const { value, metadata } = await readValue(call);
  await engine.getNamespace(namespace);
  const expiry = resolveExpiry(
    call.query('expiration', PUT_QUERY.expiration),
    call.query('expiration_ttl', PUT_QUERY.expiration_ttl),
    call.services.clock(),
  );
  if ('fault' in expiry) throw new KvError([expiry.fault]);
  const badMetadata = metadata === undefined ? undefined : metadataFault(metadata);
  if (badMetadata !== undefined) throw new KvError([badMetadata]);
  const pair = { key, value, metadata: storedMetadata(metadata), expiresAt: expiry.expiresAt };
  await engine.write(namespace, { puts: packPairs([pair]) });
  return success('null');
}

async function remove(call: Call): Promise<string> {
  const { namespace, key, engine } = call;
  await engine.write(namespace, { deletes: [key] });
  return success('null');
}

async function find(call: Call): Promise<StoredPair> {
  const pair = await call.engine.get(call.namespace, call.key);
  if (pair === undefined) throw kvError('keyNotFound');
  return pair;
}

async function readValue({ request }: Call): Promise<{ value: Uint8Array; metadata?: string }> {
  const { raw, contentType } = request;
  if (!isMultipart(contentType)) return { value: await readBody(raw, LIMITS.valueBytes, valueTooLarge) };
  const body = await readBody(raw, LIMITS.valueBytes + LIMITS.multipartOverheadBytes, valueTooLarge);
  const form = await readValueForm(body, contentType);
  if (form.value.length > LIMITS.valueBytes) throw valueTooLarge(form.value.length);
  return form;
}

const valueTooLarge: RefuseBody = bytes => kvError('valueTooLarge', { bytes, limit: LIMITS.valueBytes });

/** Digits become a number; anything else is passed on, to be refused by the rules of expiry. */
function secondsParameter(description: string): QueryParameter<number | string | undefined> {
  return { description, schema: { type: 'integer' }, decode: text => queryInteger(text ?? undefined) };
}

/** One pair: read, write and delete its value, read its metadata. */
import type { StoredValue } from '../../kv/engine.ts';
import { LIMITS } from '../../kv/limits.ts';
import { readBody } from '../body.ts';
import type { Call } from '../call.ts';
import { success } from '../envelope.ts';
import { isMultipart, readValueForm } from '../multipart.ts';
import type { Route } from '../route.ts';
import { METADATA, NULL, VALUE_FORM } from '../schemas.ts';
import { BYTES, EXPIRY_QUERY, getPair, type NewValue, OCTET_STREAM, putPair, valueTooLarge } from '../values.ts';
import { ONE_NAMESPACE } from './namespaces.ts';

const VALUE = `${ONE_NAMESPACE}/values/*key_name`;

export const VALUE_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: VALUE,
    id: 'getValue',
    summary: 'Read a value; the header `expiration` tells when it expires, if it does',
    access: 'read',
    operation: 'get',
    answer: { contentType: OCTET_STREAM, schema: BYTES },
    handle: get,
  },
  {
    method: 'PUT',
    path: VALUE,
    id: 'putValue',
    summary: 'Write a value, in place of an earlier one with its metadata and expiration',
    access: 'change',
    operation: 'put',
    query: EXPIRY_QUERY,
    body: { [OCTET_STREAM]: BYTES, 'multipart/form-data': VALUE_FORM },
    answer: { result: NULL },
    handle: put,
  },
  {
    method: 'DELETE',
    path: VALUE,
    id: 'deleteValue',
    summary: 'Delete a pair, whether or not it exists',
    access: 'change',
    operation: 'remove key',
    answer: { result: NULL },
    handle: remove,
  },
  {
    method: 'GET',
    path: `${ONE_NAMESPACE}/metadata/*key_name`,
    id: 'getMetadata',
    summary: 'Read the metadata of a pair, null where it has none',
    access: 'read',
    operation: 'metadata',
    answer: { result: METADATA },
    handle: async call => success((await getPair(call, call.namespace, call.key)).metadata ?? 'null'),
  },
];

async function get(call: Call): Promise<StoredValue> {
  const { value, expiresAt } = await getPair(call, call.namespace, call.key);
  call.contentType = OCTET_STREAM;
  if (expiresAt !== undefined) call.header('expiration', expiresAt);
  return value;
}

async function put(call: Call): Promise<string> {
  const { namespace, key } = call;
  await putPair(call, namespace, key, await readValue(call));
  return success('null');
}

async function remove(call: Call): Promise<string> {
  const { namespace, key, engine } = call;
  await engine.write(namespace, { deletes: [key] });
  return success('null');
}

async function readValue(call: Call): Promise<NewValue> {
  const contentType = call.request.headers['content-type'];
  if (!isMultipart(contentType)) return { value: await readBody(call, LIMITS.valueBytes, valueTooLarge) };
  const body = await readBody(call, LIMITS.valueBytes + LIMITS.multipartOverheadBytes, valueTooLarge);
  const form = await readValueForm(body, contentType);
  if (form.value.length > LIMITS.valueBytes) throw valueTooLarge(form.value.length);
  return form;
}

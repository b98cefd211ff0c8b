/** Many keys at a time. */
import { type ReadChoice, toInteger, toOptions, toReadChoice, toSignal, toText } from './arguments.ts';
import { readText } from './bodies.ts';
import { toBase64 } from './bytes.ts';
import { type Operation, UnsuccessfulKeysError } from './errors.ts';
import { toUnicodeKey } from './keys.ts';
import type { Transport } from './transport.ts';
import type { Pair } from './types.ts';
import { toValueInMemory } from './values.ts';

const JSON_POST = { method: 'POST', headers: { 'content-type': 'application/json' } };

/** In the order of the keys; null for what is missing. Nothing is checked before, as in workerd. */
export async function getMany(
  transport: Transport,
  keys: readonly unknown[],
  options: unknown,
  withMetadata: boolean,
): Promise<Map<string, unknown>> {
  const names = Array.from(keys, toText);
  const choice = toReadChoice(options);
  const { signal } = choice;
  const body = getBody(names, choice, withMetadata);
  const text = await transport.send(
    { ...JSON_POST, operation: 'GET_BULK', path: 'bulk/get', body, repeatable: 'read', signal },
    readText,
  );
  const found: Readonly<Record<string, unknown>> = JSON.parse(text);
  return new Map(names.map(name => [name, Object.hasOwn(found, name) ? found[name] : null]));
}

/** workerd leaves an empty type out, and makes text of `cacheTtl`. */
function getBody(keys: readonly string[], { type, cacheTtl }: ReadChoice, withMetadata: boolean): string {
  return JSON.stringify({
    keys,
    type: type || undefined,
    withMetadata: withMetadata || undefined,
    cacheTtl: cacheTtl?.toString(),
  });
}

export async function putMany(transport: Transport, pairs: Iterable<Pair>, options: unknown): Promise<void> {
  const { signal } = toOptions('putMany', 2, 'CallOptions', options);
  await change(transport, 'PUT_BULK', 'bulk/put', Array.from(pairs, toItem), toSignal(signal));
}

function toItem({ key, value, expiration, expirationTtl, metadata }: Pair): object {
  const converted = toValueInMemory(value);
  const content = typeof converted === 'string' ? { value: converted } : { value: toBase64(converted), base64: true };
  return {
    key: toUnicodeKey('PUT_BULK', key),
    ...content,
    expiration: toInteger(expiration),
    expiration_ttl: toInteger(expirationTtl),
    metadata,
  };
}

export async function deleteMany(transport: Transport, keys: Iterable<unknown>, options: unknown): Promise<void> {
  const { signal } = toOptions('deleteMany', 2, 'CallOptions', options);
  const names = Array.from(keys, key => toUnicodeKey('DELETE_BULK', key));
  await change(transport, 'DELETE_BULK', 'bulk/delete', names, toSignal(signal));
}

async function change(
  transport: Transport,
  operation: Operation,
  path: string,
  items: readonly unknown[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const body = JSON.stringify(items);
  const text = await transport.send({ ...JSON_POST, operation, path, body, repeatable: 'write', signal }, readText);
  const { unsuccessful_keys: left }: { readonly unsuccessful_keys: readonly string[] } = JSON.parse(text);
  if (left.length > 0) throw new UnsuccessfulKeysError(operation, left);
}

/** One pair: get, put, delete. */
import { toInteger, toOptions, toReadChoice, toSignal } from './arguments.ts';
import { readBody, skipBody, toTyped } from './bodies.ts';
import type { Operation } from './errors.ts';
import { toCheckedKey } from './keys.ts';
import { readMetadataHeader, toMetadataHeader } from './metadata.ts';
import { withQuery } from './query.ts';
import { isMissing, type Transport } from './transport.ts';
import type { ValueWithMetadata } from './types.ts';
import { Upload } from './upload.ts';
import { toValue } from './values.ts';

export async function getPair(
  transport: Transport,
  key: unknown,
  options: unknown,
): Promise<ValueWithMetadata<unknown, unknown>> {
  const { type = 'text', cacheTtl, signal } = toReadChoice(options);
  const path = pathOf('GET', key, { cache_ttl: cacheTtl });
  const { headers, isMissed, body } = await transport.send(
    { operation: 'GET', method: 'GET', path, repeatable: 'read', signal, mayMiss: true },
    async response => {
      const isMissed = isMissing(response);
      const body = isMissed ? await skipBody(response) : await readBody(response, type);
      return { headers: response.headers, isMissed, body };
    },
  );
  const cacheStatus = headers.get('cf-cache-status');
  if (isMissed) return { value: null, metadata: null, cacheStatus };
  return { value: toTyped(body, type), metadata: readMetadataHeader(headers.get('cf-kv-metadata')), cacheStatus };
}

export async function putPair(transport: Transport, key: unknown, value: unknown, options: unknown): Promise<void> {
  const { expiration, expirationTtl, metadata, signal } = toOptions('put', 3, 'PutOptions', options);
  const expiry = { expiration: toInteger(expiration), expiration_ttl: toInteger(expirationTtl) };
  const hasMetadata = metadata !== undefined && metadata !== null;
  const path = pathOf('PUT', key, expiry);
  const headers = hasMetadata ? { 'cf-kv-metadata': toMetadataHeader(metadata) } : {};
  const body = toValue(value);
  const repeatable = body instanceof Upload ? 'never' : 'write';
  try {
    await transport.send(
      { operation: 'PUT', method: 'PUT', path, headers, body, repeatable, signal: toSignal(signal) },
      skipBody,
    );
  } catch (error) {
    if (body instanceof Upload) body.abandon(error);
    throw error;
  }
}

export async function deletePair(transport: Transport, key: unknown, options: unknown): Promise<void> {
  const { signal } = toOptions('delete', 2, 'CallOptions', options);
  const path = pathOf('DELETE', key, {});
  await transport.send(
    { operation: 'DELETE', method: 'DELETE', path, repeatable: 'write', signal: toSignal(signal) },
    skipBody,
  );
}

function pathOf(operation: Operation, key: unknown, query: Readonly<Record<string, number | undefined>>): string {
  return withQuery(encodeURIComponent(toCheckedKey(operation, key)), { urlencoded: 'true', ...query });
}

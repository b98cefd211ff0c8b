/** One pair, as the REST API and the binding both have it. */
import type { NamespaceAddress, StoredPair } from '../kv/engine.ts';
import { type Fault, KvError, kvError } from '../kv/errors.ts';
import { queryInteger, resolveExpiry } from '../kv/expiration.ts';
import { LIMITS } from '../kv/limits.ts';
import { metadataFault, storedMetadata } from '../kv/metadata.ts';
import { mayGoOut, readLater } from './answer-value.ts';
import type { RefuseBody } from './body-source.ts';
import type { Call } from './call.ts';
import type { QueryParameter } from './query.ts';
import type { Schema } from './schemas.ts';

export const OCTET_STREAM = 'application/octet-stream';
export const BYTES: Schema = { type: 'string', format: 'binary' };

export const EXPIRY_QUERY = {
  expiration: secondsParameter('When the pair expires, in seconds since the Unix epoch, at least a minute ahead.'),
  expiration_ttl: secondsParameter('In how many seconds the pair expires, at least 60; wins over `expiration`.'),
};

/** Digits become a number; anything else is passed on, to be refused by the rules of expiry. */
function secondsParameter(description: string): QueryParameter<number | string | undefined> {
  return { description, schema: { type: 'integer' }, decode: text => queryInteger(text ?? undefined) };
}

export const valueTooLarge: RefuseBody = bytes => kvError('valueTooLarge', { bytes, limit: LIMITS.valueBytes });

export async function getPair(call: Call, namespace: NamespaceAddress, key: string): Promise<StoredPair> {
  const pair = found(await call.engine.get(namespace, key));
  if (mayGoOut(call, pair.value)) return pair;
  const again = async (): Promise<StoredPair> => found(await call.engine.get(namespace, key));
  return readLater(call, pair.value.length, again, ({ value }) => value);
}

function found(pair: StoredPair | undefined): StoredPair {
  if (pair === undefined) throw kvError('keyNotFound');
  return pair;
}

export interface NewValue {
  readonly value: Uint8Array;
  /** JSON text as it was sent. */
  readonly metadata?: string | undefined;
}

/** Writes a pair that expires as the query says. */
export async function putPair(
  call: Call,
  namespace: NamespaceAddress,
  key: string,
  { value, metadata }: NewValue,
): Promise<void> {
  const expiry = resolveExpiry(
    call.query('expiration', EXPIRY_QUERY.expiration),
    call.query('expiration_ttl', EXPIRY_QUERY.expiration_ttl),
    call.services.clock(),
  );
  if ('fault' in expiry) throw await refusal(call, namespace, expiry.fault);
  const badMetadata = metadata === undefined ? undefined : metadataFault(metadata);
  if (badMetadata !== undefined) throw await refusal(call, namespace, badMetadata);
  const pair = { key, value, metadata: storedMetadata(metadata), expiresAt: expiry.expiresAt };
  await call.engine.put(namespace, pair);
}

/** That the namespace is missing is told first; where nothing else is wrong, the write itself finds out. */
async function refusal({ engine }: Call, namespace: NamespaceAddress, wrong: Fault): Promise<KvError> {
  await engine.getNamespace(namespace);
  return new KvError([wrong]);
}

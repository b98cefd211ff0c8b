/** Many pairs in one call, as the REST API and the binding both have it: write, delete, get. */
import { isUtf8 } from 'node:buffer';
import type { ArrivingText } from '../kv/arriving-text.ts';
import { distinctKeys, readBulkKeys } from '../kv/bulk-keys.ts';
import { readBulk } from '../kv/bulk-reader.ts';
import type { NamespaceAddress, StoredPair } from '../kv/engine.ts';
import { kvError, shownKey } from '../kv/errors.ts';
import { LIMITS } from '../kv/limits.ts';
import { isJson } from '../kv/metadata.ts';
import { pairCount } from '../kv/puts.ts';
import { mayGoOut, readLater } from './answer-value.ts';
import { bodyTooLarge, receiveText } from './body.ts';
import { BodySource } from './body-source.ts';
import type { Call } from './call.ts';
import { readJson } from './json-body.ts';
import { inTurns } from './turns.ts';

/** Writes the pairs in the body; answers as JSON text how many, and which were not. */
export async function putPairs(call: Call, namespace: NamespaceAddress): Promise<string> {
  const puts = await inTurns(readBulk(await receiveBulk(call, namespace), call.services.clock));
  const count = pairCount(puts);
  const failedKeys = count === 0 ? [] : (await call.engine.write(namespace, { puts })).failedKeys;
  return bulkResult(count, failedKeys);
}

/** Deletes the keys in the body; answers as `putPairs` does. */
export async function deleteKeys(call: Call, namespace: NamespaceAddress): Promise<string> {
  const deletes = await inTurns(readBulkKeys(await receiveBulk(call, namespace)));
  const failedKeys = deletes.length === 0 ? [] : (await call.engine.write(namespace, { deletes })).failedKeys;
  call.audit('pairs.bulk-delete', {
    account: namespace.account,
    namespace: namespace.id,
    count: deletes.length - failedKeys.length,
  });
  return bulkResult(deletes.length, failedKeys);
}

/** Refuses what can be refused before a hundred megabytes were received. */
export async function receiveBulk(call: Call, namespace: NamespaceAddress): Promise<ArrivingText> {
  const limit = LIMITS.bulkBodyBytes;
  const source = new BodySource(call, limit, bodyTooLarge(limit));
  await call.engine.getNamespace(namespace);
  return receiveText(source);
}

function bulkResult(count: number, failedKeys: readonly string[]): string {
  return JSON.stringify({ successful_key_count: count - failedKeys.length, unsuccessful_keys: failedKeys });
}

export interface BulkGet {
  readonly keys: string[];
  readonly type: 'text' | 'json';
  readonly withMetadata: boolean;
  /** As the client sent it; the REST API has none. */
  readonly cacheTtl: unknown;
}

/** What a bulk get asks for, by its body. */
export async function readBulkGet(call: Call, namespace: NamespaceAddress): Promise<BulkGet> {
  const body = await readJson(call, detail => kvError('keysMalformed', { detail }));
  await call.engine.getNamespace(namespace);
  const { keys, type, withMetadata, cacheTtl } = body;
  if (!Array.isArray(keys)) throw kvError('keysMalformed', { detail: 'keys must be an array' });
  const limit = LIMITS.bulkGetKeys;
  if (keys.length === 0) throw kvError('bulkGetNoKeys');
  if (keys.length > limit) throw kvError('bulkGetTooManyKeys', { limit });
  return { keys: distinctKeys(keys), type: decodeType(type), withMetadata: decodeFlag(withMetadata), cacheTtl };
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

/**
 * A JSON object with a member a key, `null` for a missing one. `shape` makes the JSON text of a pair; where nothing but
 * texts is asked for, the engine makes all of it.
 */
export async function getPairs(
  call: Call,
  namespace: NamespaceAddress,
  asked: BulkGet,
  shape: (pair: StoredPair) => string,
): Promise<Buffer> {
  const json = await readPairs(call, namespace, asked, shape);
  if (mayGoOut(call, json)) return json;
  return readLater(
    call,
    json.length,
    () => readPairs(call, namespace, asked, shape),
    value => value,
  );
}

async function readPairs(
  { engine }: Call,
  namespace: NamespaceAddress,
  { keys, type, withMetadata }: BulkGet,
  shape: (pair: StoredPair) => string,
): Promise<Buffer> {
  const limit = LIMITS.bulkGetValueBytes;
  if (type === 'text' && !withMetadata) return engine.getTexts(namespace, keys, limit);
  const pairs = await engine.getMany(namespace, keys, limit);
  const members = pairs.map((pair, index) => {
    return `${JSON.stringify(keys[index])}:${pair === undefined ? 'null' : shape(pair)}`;
  });
  return Buffer.from(`{${members.join(',')}}`);
}

/** The text of a value, or undefined where it is not UTF-8. */
export function textOf({ value }: StoredPair): string | undefined {
  if (typeof value === 'string') return value;
  return isUtf8(value) ? value.toString() : undefined;
}

/** A JSON value goes out as its own text, so that numbers keep their digits. */
export function jsonOf(pair: StoredPair): string {
  const text = textOf(pair);
  if (text === undefined || !isJson(text)) throw kvError('bulkGetNotJson');
  return text;
}

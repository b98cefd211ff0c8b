/** Reads values through the REST API in as few calls as there can be, exactly. */
import { isUtf8 } from 'node:buffer';
import { ERRORS } from '../kv/errors.ts';
import { LIMITS } from '../kv/limits.ts';
import { membersOf } from '../remote/api-answer.ts';
import type { ApiClient } from '../remote/api-client.ts';
import { namespacePath, type RemoteNamespace } from '../remote/namespaces.ts';
import { RemoteError } from '../remote/remote-error.ts';

/** A text, or bytes that are none. */
export type PairValue = string | Buffer;

/** Stands in a text also for what is none. */
const REPLACEMENT = '\ufffd';

export class PairValues {
  readonly #api: ApiClient;
  readonly #path: string;
  #keysAtOnce: number = LIMITS.bulkGetKeys;

  constructor(api: ApiClient, namespace: RemoteNamespace) {
    this.#api = api;
    this.#path = namespacePath(namespace);
  }

  /** How many keys to ask for in one call: fewer where values were not texts of late, or too large together. */
  get keysAtOnce(): number {
    return this.#keysAtOnce;
  }

  /** The values of the keys that are there still. Throws a `RemoteError`. */
  async read(keys: readonly string[]): Promise<Map<string, PairValue>> {
    const [first] = keys;
    if (first === undefined) return new Map();
    if (keys.length === 1) return this.#readAlone(first);
    const texts = await this.#readTogether(keys);
    if (texts !== undefined) return this.#withExact(texts);
    const half = keys.length >> 1;
    return new Map([...(await this.read(keys.slice(0, half))), ...(await this.read(keys.slice(half)))]);
  }

  /** Undefined where the server will not give them together. */
  async #readTogether(keys: readonly string[]): Promise<Map<string, PairValue> | undefined> {
    try {
      const { result } = await this.#api.json(
        {
          method: 'POST',
          path: `${this.#path}/bulk/get`,
          contentType: 'application/json',
          body: JSON.stringify({ keys }),
        },
        answer => shapeValues(answer, keys),
      );
      this.#keysAtOnce = Math.min(LIMITS.bulkGetKeys, Math.max(this.#keysAtOnce, keys.length * 2));
      return result;
    } catch (error) {
      if (!(error instanceof RemoteError) || !isForTheValues(error)) throw error;
      this.#keysAtOnce = Math.max(1, keys.length >> 1);
      return undefined;
    }
  }

  async #withExact(texts: ReadonlyMap<string, PairValue>): Promise<Map<string, PairValue>> {
    const values = new Map(texts);
    for (const [key, text] of texts) {
      if (!text.includes(REPLACEMENT)) continue;
      values.delete(key);
      for (const [, exact] of await this.#readAlone(key)) values.set(key, exact);
    }
    return values;
  }

  async #readAlone(key: string): Promise<Map<string, PairValue>> {
    try {
      const { body } = await this.#api.bytes({
        method: 'GET',
        path: `${this.#path}/values/${encodeURIComponent(key)}`,
      });
      const value = isUtf8(body) ? body.toString() : body;
      if (typeof value === 'string') this.#keysAtOnce = Math.min(LIMITS.bulkGetKeys, this.#keysAtOnce * 2);
      return new Map([[key, value]]);
    } catch (error) {
      if (error instanceof RemoteError && error.status === 404) return new Map();
      throw error;
    }
  }
}

/** A value that is no text, or too much of them for one answer. */
function isForTheValues({ status, code }: RemoteError): boolean {
  return status === 413 || (status === 400 && code === ERRORS.bulkGetNotText.code);
}

function shapeValues(answer: unknown, keys: readonly string[]): Map<string, PairValue> | undefined {
  const values = membersOf(membersOf(answer)['values']);
  const found = new Map<string, PairValue>();
  for (const key of keys) {
    const value = Object.hasOwn(values, key) ? values[key] : null;
    if (typeof value === 'string') found.set(key, value);
    else if (value !== null) return undefined;
  }
  return found;
}

/** The object that `connect` gives. */
import { requireArguments } from './arguments.ts';
import { deleteMany, getMany, putMany } from './bulk.ts';
import { listPage } from './listing.ts';
import { deletePair, getPair, putPair } from './pairs.ts';
import type { Transport } from './transport.ts';
import type {
  ByteStream,
  CallOptions,
  KeysOptions,
  ListedKey,
  ListOptions,
  ListResult,
  Pair,
  PutOptions,
  PutValue,
  ReadOptions,
  TextOptions,
  ValueWithMetadata,
} from './types.ts';

/**
 * A `KVNamespace` of `@cloudflare/workers-types`, in type and in behaviour, that speaks HTTP with a Freehold server.
 * Freehold's own are `putMany`, `deleteMany` and `keys`, and `signal` in the options of every call.
 *
 * A call that the server refuses rejects with a `KvError`.
 */
export class FreeholdNamespace<Key extends string = string> {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  get [Symbol.toStringTag](): string {
    return 'KvNamespace';
  }

  /**
   * A value as text, JSON, bytes or a stream; null for a missing key. For an array of up to 100 keys, a Map of them in
   * their order, as text or JSON.
   */
  // `undefined` is among the options because `KVNamespace` has it there, and selects text. `Stream` is not for use: an
  // assignment to `KVNamespace` makes it the stream of `@cloudflare/workers-types`, which other platforms do not have.
  get(key: Key, options?: 'text' | TextOptions): Promise<string | null>;
  get<ExpectedValue = unknown>(
    key: Key,
    options: 'json' | ReadOptions<'json'> | undefined,
  ): Promise<ExpectedValue | null>;
  get(key: Key, options: 'arrayBuffer' | ReadOptions<'arrayBuffer'> | undefined): Promise<ArrayBuffer | null>;
  get<Stream extends ByteStream = ReadableStream<Uint8Array>>(
    key: Key,
    options: 'stream' | ReadOptions<'stream'> | undefined,
  ): Promise<NoInfer<Stream> | null>;
  get(keys: readonly Key[], options?: 'text' | TextOptions): Promise<Map<string, string | null>>;
  get<ExpectedValue = unknown>(
    keys: readonly Key[],
    options: 'json' | ReadOptions<'json'> | undefined,
  ): Promise<Map<string, ExpectedValue | null>>;
  async get(...given: readonly unknown[]): Promise<unknown> {
    requireArguments('get', given, 'string or Array');
    const [key, options] = given;
    if (Array.isArray(key)) return await getMany(this.#transport, key, options, false);
    return (await getPair(this.#transport, key, options)).value;
  }

  /**
   * A value, as `get` has it, with its metadata. In the Map for an array of keys, what is missing is null, whatever its
   * type says: that is how `KVNamespace` has it.
   */
  getWithMetadata<Metadata = unknown>(
    key: Key,
    options?: 'text' | TextOptions,
  ): Promise<ValueWithMetadata<string, Metadata>>;
  getWithMetadata<ExpectedValue = unknown, Metadata = unknown>(
    key: Key,
    options: 'json' | ReadOptions<'json'> | undefined,
  ): Promise<ValueWithMetadata<ExpectedValue, Metadata>>;
  getWithMetadata<Metadata = unknown>(
    key: Key,
    options: 'arrayBuffer' | ReadOptions<'arrayBuffer'> | undefined,
  ): Promise<ValueWithMetadata<ArrayBuffer, Metadata>>;
  getWithMetadata<Metadata = unknown, Stream extends ByteStream = ReadableStream<Uint8Array>>(
    key: Key,
    options: 'stream' | ReadOptions<'stream'> | undefined,
  ): Promise<ValueWithMetadata<NoInfer<Stream>, Metadata>>;
  getWithMetadata<Metadata = unknown>(
    keys: readonly Key[],
    options?: 'text' | TextOptions,
  ): Promise<Map<string, ValueWithMetadata<string, Metadata>>>;
  getWithMetadata<ExpectedValue = unknown, Metadata = unknown>(
    keys: readonly Key[],
    options: 'json' | ReadOptions<'json'> | undefined,
  ): Promise<Map<string, ValueWithMetadata<ExpectedValue, Metadata>>>;
  async getWithMetadata(...given: readonly unknown[]): Promise<unknown> {
    requireArguments('getWithMetadata', given, 'Array or string');
    const [key, options] = given;
    if (Array.isArray(key)) return await getMany(this.#transport, key, options, true);
    return await getPair(this.#transport, key, options);
  }

  /** A page of keys. With a `limit` of 0 or less, as without one, up to 1,000. */
  list<Metadata = unknown>(options?: ListOptions): Promise<ListResult<Metadata, Key>> {
    return listPage(this.#transport, options);
  }

  /** Stores a value of up to 25 MiB. A stream is sent as it comes, and so never repeated. */
  put(key: Key, value: PutValue, options?: PutOptions): Promise<void>;
  async put(...given: readonly unknown[]): Promise<void> {
    requireArguments('put', given, 'string', 'string or Object');
    const [key, value, options] = given;
    await putPair(this.#transport, key, value, options);
  }

  /** Deletes a pair, whether or not there is one. */
  delete(key: Key, options?: CallOptions): Promise<void>;
  async delete(...given: readonly unknown[]): Promise<void> {
    requireArguments('delete', given, 'string');
    const [key, options] = given;
    await deletePair(this.#transport, key, options);
  }

  /**
   * Freehold's own: stores up to 10,000 pairs, 100 MB of JSON, in one request: all of them or none. On a server with a
   * cluster it may reject with an `UnsuccessfulKeysError`, and has then stored the others.
   */
  async putMany(pairs: Iterable<Pair<Key>>, options?: CallOptions): Promise<void> {
    await putMany(this.#transport, pairs, options);
  }

  /** Freehold's own: deletes up to 10,000 pairs in one request, whether or not they exist, as `putMany` stores them. */
  async deleteMany(keys: Iterable<Key>, options?: CallOptions): Promise<void> {
    await deleteMany(this.#transport, keys, options);
  }

  /** Freehold's own: all keys, page by page as they are asked for. Those of one page are as of one instant. */
  async *keys<Metadata = unknown>(options?: KeysOptions): AsyncGenerator<ListedKey<Metadata, Key>, void, undefined> {
    let cursor: string | undefined;
    do {
      const page = await this.list<Metadata>({ ...options, cursor });
      yield* page.keys;
      cursor = page.list_complete ? undefined : page.cursor;
    } while (cursor !== undefined);
  }
}

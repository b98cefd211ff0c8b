/**
 * The shapes around `KVNamespace`, as `@cloudflare/workers-types` has them, so that nobody needs that package. Freehold's
 * own is `signal`.
 */

/** Freehold's own. */
export interface CallOptions {
  /** Ends the call, and its waiting between two attempts, at once: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | null | undefined;
}

export interface ReadOptions<Type> extends CallOptions {
  readonly type: Type;
  /** In seconds, 30 at least. Without effect: Freehold has no cache. */
  readonly cacheTtl?: number | undefined;
}

/** Text is what is read where no type is given. */
export type TextOptions = Partial<ReadOptions<'text' | undefined>>;

export interface PutOptions extends CallOptions {
  /** In seconds since the epoch, 60 ahead at least. */
  readonly expiration?: number | undefined;
  /** In seconds from now, 60 at least; wins over `expiration`. */
  readonly expirationTtl?: number | undefined;
  /** Whatever JSON can carry, in 1,024 bytes of it. */
  readonly metadata?: unknown;
}

export interface ListOptions extends CallOptions {
  /** Keys a page: 1 to 1,000, which is also the default. */
  readonly limit?: number | undefined;
  readonly prefix?: string | null | undefined;
  /** Where the page before ended: its `cursor`. */
  readonly cursor?: string | null | undefined;
}

export interface KeysOptions extends CallOptions {
  readonly prefix?: string | null | undefined;
}

export interface ListedKey<Metadata, Key extends string = string> {
  name: Key;
  /** In seconds since the epoch. */
  expiration?: number;
  metadata?: Metadata;
}

/** A page of a listing, in the order of the keys' UTF-8 bytes. */
export type ListResult<Metadata, Key extends string = string> =
  | { list_complete: false; keys: ListedKey<Metadata, Key>[]; cursor: string; cacheStatus: string | null }
  | { list_complete: true; keys: ListedKey<Metadata, Key>[]; cacheStatus: string | null };

export interface ValueWithMetadata<Value, Metadata> {
  /** Null where there is no such key. */
  value: Value | null;
  metadata: Metadata | null;
  /** Null: Freehold has no cache. */
  cacheStatus: string | null;
}

/** What every `ReadableStream` is: the platform's, that of `node:stream/web`, that of `@cloudflare/workers-types`. */
export interface ByteStream {
  readonly locked: boolean;
  cancel(reason?: unknown): Promise<void>;
  getReader(): { read(): Promise<{ done: boolean; value?: unknown }>; cancel(reason?: unknown): Promise<void> };
}

export type PutValue = string | ArrayBuffer | ArrayBufferView | ByteStream;

/** One pair of a `putMany`. */
export interface Pair<Key extends string = string> extends Omit<PutOptions, 'signal'> {
  readonly key: Key;
  readonly value: string | ArrayBuffer | ArrayBufferView;
}

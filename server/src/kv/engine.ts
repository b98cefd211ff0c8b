import type { Histogram } from './histogram.ts';
import type { MetadataForm } from './listed-keys.ts';
import type { Pair, Puts } from './puts.ts';
import type { TokenGrant } from './token-grant.ts';

/**
 * The seam between the domain and storage. An engine stores bytes: it knows nothing of HTTP, limits or wording. Of JSON
 * it knows the two forms in which keys and values leave it in numbers.
 * `engine/conformance.ts` states every promise made here as a test.
 *
 * A pair whose `expiresAt` is at or before the clock is invisible everywhere, at that instant, swept or not.
 * Every method that names a namespace rejects with `EngineError('namespaceMissing')` where it does not exist.
 * A promise of a change is fulfilled when the change is durable; when it rejects, nothing was changed, except that
 * after `unavailable` a change that was under way may turn out to have happened. Repeating it is safe.
 */
export interface Engine {
  /** Whether a write is all or nothing; if not, `WriteResult.failedKeys` may name keys. */
  readonly atomicWrites: boolean;

  /**
   * Adds a namespace. Rejects with `titleTaken` or `idTaken`, both within the account, or with `accountFull` where the
   * account has `namespacesMax` of them already.
   */
  createNamespace(account: string, namespace: Namespace, namespacesMax?: number): Promise<void>;
  getNamespace(address: NamespaceAddress): Promise<Namespace>;
  /** One page of an account's namespaces, ordered by the UTF-8 bytes of `order`, and how many there are in all. */
  listNamespaces(account: string, page: NamespacePage): Promise<{ namespaces: Namespace[]; total: number }>;
  /** Rejects with `titleTaken` where another namespace of the account has that title. */
  renameNamespace(address: NamespaceAddress, title: string): Promise<Namespace>;
  /** Deletes a namespace and its pairs, at once invisible; a namespace made later under the same id is empty. */
  deleteNamespace(address: NamespaceAddress): Promise<void>;
  /** The accounts that have namespaces, in ascending order. */
  listAccounts(): Promise<string[]>;
  /** The accounts that have a namespace of this id, in ascending order. */
  accountsOfNamespace(id: string): Promise<readonly string[]>;

  get(address: NamespaceAddress, key: string): Promise<StoredPair | undefined>;
  /**
   * The pairs of several keys as of one instant, in the order of the keys. Rejects with `valuesTooLarge` as soon as
   * their values weigh more than `valueBytesMax` together.
   */
  getMany(
    address: NamespaceAddress,
    keys: readonly string[],
    valueBytesMax: number,
  ): Promise<(StoredPair | undefined)[]>;
  /** The values of `getMany`, as `textsJson` shows them. */
  getTexts(address: NamespaceAddress, keys: readonly string[], valueBytesMax: number): Promise<Buffer>;
  /** One page of keys in the order of their UTF-8 bytes. Never an empty page while keys remain. */
  list(address: NamespaceAddress, page: KeyPage): Promise<KeyListing>;
  /**
   * Opens a look at all pairs of a range, as they are now. Rejects with `tooManyScans` where `scansMax` scans and counts
   * are under way already, of those that were asked of this engine.
   */
  scan(address: NamespaceAddress, range: ScanRange, scansMax?: number): Promise<Scan>;
  /** How many keys begin with `prefix`, exactly and as of one instant. Rejects as `scan` does, and as `Scan.next`. */
  count(address: NamespaceAddress, prefix: string, scansMax?: number): Promise<number>;
  /**
   * Stores one pair durably, replacing value, metadata and expiry of its key. The bytes of its value must not change
   * any more.
   */
  put(address: NamespaceAddress, pair: Pair): Promise<void>;
  /**
   * Stores `puts`, each replacing value, metadata and expiry of its key, and removes `deletes`, in one durable step.
   * No key may occur twice. The buffers of `puts` belong to the engine from here on.
   */
  write(address: NamespaceAddress, changes: Changes): Promise<WriteResult>;
  /**
   * Replaces the value of a pair in one durable step; its metadata and expiry stay. Where there is no such pair, it is
   * made, with neither. Answers whether there was one. The bytes of the value must not change any more.
   */
  replaceValue(address: NamespaceAddress, key: string, value: Uint8Array): Promise<boolean>;
  /**
   * Removes, in one durable step, those of the pairs whose value, metadata and expiry are still these. Answers how many
   * that were. No key may occur twice. The buffers of `puts` belong to the engine from here on.
   */
  removeUnchanged(address: NamespaceAddress, puts: Puts): Promise<number>;

  /** SHA-256 of the root token, or undefined before the first start has set it. */
  rootTokenHash(): Promise<Uint8Array | undefined>;
  setRootTokenHash(hash: Uint8Array): Promise<void>;
  /**
   * Adds a token; what it may do never changes afterwards. Those that expired before a given time are removed with it.
   * Rejects with `tokenTaken` where its id or hash is in use, or with `tokensFull` where there are `tokensMax` of them
   * besides those to be removed, and then has changed nothing.
   */
  createToken(token: StoredToken, room?: TokenRoom): Promise<void>;
  /** The token with this SHA-256, or undefined. */
  findToken(hash: Uint8Array): Promise<StoredToken | undefined>;
  /** One page of the tokens, in the order in which they were made, and how many there are in all. */
  listTokens(page: TokenPage): Promise<{ tokens: StoredToken[]; total: number }>;
  /** Removes a token: it is found no more. Rejects with `tokenMissing` where none has this id. */
  revokeToken(id: string): Promise<void>;
  /** Notes when a token was last used, unless a later time is noted; nothing where none has this id. */
  touchToken(id: string, usedAt: number): Promise<void>;

  /** What has to hold for the engine to take writes and keep up with them, always the same checks in the same order. */
  check(): Promise<readonly Check[]>;
  /** What it has done and how it stands, whichever of its threads is asked. */
  figures(): Promise<EngineFigures>;
  /** Finishes what was accepted, then closes. Later calls reject with `unavailable`. */
  close(): Promise<void>;
}

/** Current time in whole seconds since the Unix epoch. */
export type Clock = () => number;

export interface NamespaceAddress {
  /** 32 hexadecimal digits. */
  readonly account: string;
  /** 32 hexadecimal digits, unique within the account. */
  readonly id: string;
}

export interface Namespace {
  readonly id: string;
  readonly title: string;
  readonly jurisdiction?: string;
}

export interface NamespacePage {
  readonly order: 'id' | 'title';
  readonly direction: 'asc' | 'desc';
  readonly offset: number;
  readonly limit: number;
}

export interface StoredPair {
  readonly value: StoredValue;
  /** JSON text as it was sent. */
  readonly metadata?: string;
  /** Seconds since the Unix epoch. */
  readonly expiresAt?: number;
}

/** Bytes, which nobody may change; or a text, which stands for its bytes in UTF-8. An engine gives what costs it less. */
export type StoredValue = Buffer | string;

export interface KeyPage {
  /** Only keys that begin with it; may be empty. */
  readonly prefix: string;
  /** Only keys after it; may be empty. */
  readonly after: string;
  readonly limit: number;
  readonly metadataForm: MetadataForm;
}

export interface KeyListing {
  /** What `listedKeysJson` makes of the page's keys, in UTF-8. */
  readonly json: Buffer;
  readonly count: number;
  /** The last key of the page, where others come after it. */
  readonly lastKey?: string;
}

export interface ScanRange {
  /** Only keys that begin with it; may be empty. */
  readonly prefix: string;
  /** Only keys after it; may be empty. */
  readonly after: string;
  /** Whether the pairs come with their values; without, all of these are empty. */
  readonly values: boolean;
}

/**
 * Pairs in the order of the UTF-8 bytes of their keys, as of the instant at which the scan was opened, however long it
 * takes and whatever is written or deleted meanwhile, the namespace itself included. What has expired at that instant is
 * not seen; what expires later is. An open scan takes up room, so that it must be closed.
 */
export interface Scan {
  /**
   * The next pairs, at least one: about a mebibyte, or what was found in a few milliseconds. Undefined behind the last.
   * They belong to the caller, who may hand them to `write`. To be called again when it has been answered. Rejects with
   * `scanEnded` where the engine could not hold on to that instant any longer, and then for good.
   */
  next(): Promise<Puts | undefined>;
  /** Harmless when repeated. */
  close(): void;
}

export interface Changes {
  readonly puts?: Puts;
  readonly deletes?: readonly string[];
  /**
   * Where a pair is in the way of a put, it is replaced unless this says otherwise: `skip` leaves it as it is, `refuse`
   * writes and removes nothing at all.
   */
  readonly onConflict?: 'skip' | 'refuse';
}

export interface WriteResult {
  /** Keys that were not written or are not known to be; empty where writes are atomic. Repeating them is safe. */
  readonly failedKeys: readonly string[];
  /** With `skip`: the numbers of the puts that were left out, in ascending order. */
  readonly skipped?: readonly number[];
  /** With `refuse`, where that is what has happened. */
  readonly conflicts?: Conflicts;
}

/** Pairs that are in the way of puts. */
export interface Conflicts {
  /** One at least. */
  readonly count: number;
  /** Those that come first among the puts, at most a few. */
  readonly keys: readonly string[];
}

export interface TokenPage {
  readonly offset: number;
  readonly limit: number;
}

export interface TokenRoom {
  readonly tokensMax: number;
  /** Seconds since the Unix epoch. */
  readonly expiredBefore: number;
}

/** A token other than the root token. To an engine, one that has expired is as good as any. */
export interface StoredToken extends TokenGrant {
  /** 32 hexadecimal digits; names the token without giving it away. */
  readonly id: string;
  /** SHA-256 of the token. */
  readonly hash: Uint8Array;
  /** Seconds since the Unix epoch. */
  readonly createdAt: number;
  /** As `touchToken` has noted it, in seconds since the Unix epoch. */
  readonly lastUsedAt?: number;
}

export interface Check {
  /** One word. */
  readonly name: string;
  /** What is wrong; absent where nothing is. */
  readonly reason?: string;
}

/** Counts are since the engine was opened, and of what was acknowledged. */
export interface EngineFigures {
  readonly pairsPut: number;
  /** Keys that were to be removed, whether or not they were there. */
  readonly pairsDeleted: number;
  /** Keys, metadata and values that were put. */
  readonly bytesPut: number;
  /** Pairs that were removed from storage because they had expired. */
  readonly pairsSwept: number;
  /** How many changes were made durable together. */
  readonly commitRequests: Histogram;
  /** How long that took. */
  readonly commitSeconds: Histogram;
  /** Of an engine that keeps its data on this machine. */
  readonly local?: LocalFigures;
}

interface LocalFigures {
  readonly databaseBytes: number;
  /** Of the file to which commits are added until they are copied into the database. */
  readonly logBytes: number;
  /** How long the oldest of what is in the log only has been waiting; 0 where nothing is. */
  readonly logAgeSeconds: number;
  readonly diskFreeBytes: number;
  /** Under which puts are refused. */
  readonly diskFreeBytesMin: number;
  readonly backups: BackupFigures;
}

/** What is not known or not set is 0. */
export interface BackupFigures {
  /** The instant that the last backup shows, in seconds since the Unix epoch. */
  readonly lastAt: number;
  /** How long it took. */
  readonly lastSeconds: number;
  readonly lastBytes: number;
  /** Backups that failed since the engine was opened. */
  readonly failures: number;
  /** How often a backup is to be made. */
  readonly intervalSeconds: number;
}

export type EngineErrorReason =
  | 'namespaceMissing'
  | 'titleTaken'
  | 'idTaken'
  | 'accountFull'
  | 'tokenTaken'
  | 'tokensFull'
  | 'tokenMissing'
  | 'valuesTooLarge'
  | 'tooManyScans'
  /** Too much was written since the scan was opened. It can be begun anew. */
  | 'scanEnded'
  /** The disk is full or nearly so. Reads and deletes go on; the write can be repeated when space is back. */
  | 'storageFull'
  /** The engine is closed or has failed for good. */
  | 'unavailable';

/** The one error an engine rejects with on purpose; anything else is a defect. */
export class EngineError extends Error {
  readonly reason: EngineErrorReason;

  constructor(reason: EngineErrorReason, message: string = reason) {
    super(message);
    this.name = 'EngineError';
    this.reason = reason;
  }
}

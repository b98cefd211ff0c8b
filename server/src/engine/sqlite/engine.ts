/** An engine on one SQLite file: one thread writes, every serving thread reads for itself. */
import { MessageChannel, type Worker } from 'node:worker_threads';
import {
  type Changes,
  type Check,
  type Clock,
  type Engine,
  EngineError,
  type EngineFigures,
  type KeyListing,
  type KeyPage,
  type Namespace,
  type NamespaceAddress,
  type NamespacePage,
  type Scan,
  type ScanRange,
  type StoredPair,
  type StoredToken,
  type TokenPage,
  type TokenRoom,
  type WriteResult,
} from '../../kv/engine.ts';
import { type Pair, type Puts, packPairs, putBytes } from '../../kv/puts.ts';
import { crashPoint } from '../crash-point.ts';
import { newCommitCount } from './commit-count.ts';
import { openForReading } from './connection.ts';
import { SQLITE } from './constants.ts';
import { defaultFreeBytesMin, readDiskSpace } from './disk.ts';
import { EngineBackups } from './engine-backups.ts';
import { newWriterFigures } from './figures.ts';
import { packKeys } from './key-arena.ts';
import { DirectoryLock } from './lock.ts';
import type { EngineShare, Result, Submission } from './messages.ts';
import { Reader } from './reader.ts';
import { Scans } from './scans.ts';
import { databaseFile, prepareDatabase, unusable } from './schema.ts';
import { Standing } from './standing.ts';
import { startWriterThread } from './start-writer-thread.ts';
import { WriterClient } from './writer-client.ts';
import { linkThroughPort, linkToThread } from './writer-link.ts';

export interface SqliteOptions {
  /** A directory that exists, for this engine alone. */
  readonly directory: string;
  readonly clock: Clock;
  /** Free disk space under which puts are refused. By default the smaller of 512 MiB and 5 % of the file system. */
  readonly diskFreeBytesMin?: number | undefined;
  /** Called once when nothing can be written any more. Reads go on; what becomes of the process is the caller's choice. */
  readonly onFatal: (error: Error) => void;
  /** Of `startWriterThread`; started now where it is absent. */
  readonly thread?: Worker | undefined;
  /** How many other threads take part, by `joinSqliteEngine`. */
  readonly sharers?: number | undefined;
}

/** The engine of the thread that holds the directory. It is to be closed after those of the other threads. */
export interface SharedEngine extends Engine {
  /** One for each of the other threads. */
  readonly shares: readonly EngineShare[];
  readonly backups: EngineBackups;
}

/** Rejects with `DataDirectoryError` where the directory cannot be used. */
export async function openSqliteEngine(options: SqliteOptions): Promise<SharedEngine> {
  // First, because its code is loaded while the database is prepared.
  const { directory, thread = startWriterThread() } = options;
  let lock: DirectoryLock | undefined;
  try {
    lock = DirectoryLock.acquire(directory);
    crashPoint('after-lock');
    prepareDatabase(directory, lock.databaseNoted);
    lock.noteDatabase();
    crashPoint('after-recovery');
    return await openPrepared(options, lock, thread);
  } catch (error) {
    await thread.terminate();
    lock?.release();
    throw unusable(databaseFile(directory), error);
  }
}

async function openPrepared(options: SqliteOptions, lock: DirectoryLock, thread: Worker): Promise<SharedEngine> {
  const { directory, clock, onFatal, sharers = 0 } = options;
  const diskFreeBytesMin = options.diskFreeBytesMin ?? defaultFreeBytesMin(readDiskSpace(directory));
  const common = { directory, diskFreeBytesMin, commits: newCommitCount(), figures: newWriterFigures(clock()) };
  const channels = Array.from({ length: sharers }, () => new MessageChannel());
  const link = linkToThread(thread, { ...common, ports: channels.map(({ port2 }) => port2) });
  const parts = await openParts(common, clock, new WriterClient(link, onFatal));
  const ticks = setInterval(() => parts.writer.tick(clock()), SQLITE.tickMs).unref();
  const onClosed = () => {
    clearInterval(ticks);
    lock.release();
  };
  const shares = channels.map(({ port1: port }, index): EngineShare => {
    return { ...common, port, firstNumber: (index + 1) * SQLITE.numbersPerThread };
  });
  const engine = new SqliteEngine({ ...parts, onClosed });
  return Object.assign(engine, { shares, backups: new EngineBackups({ ...common, clock }) });
}

/** Takes part in an engine that another thread holds, for as long as that one is open. */
export async function joinSqliteEngine(
  share: EngineShare,
  options: Pick<SqliteOptions, 'clock' | 'onFatal'>,
): Promise<Engine> {
  const writer = new WriterClient(linkThroughPort(share.port, share.firstNumber), options.onFatal);
  return new SqliteEngine(await openParts(share, options.clock, writer));
}

async function openParts(
  { directory, diskFreeBytesMin, commits, figures }: Omit<EngineShare, 'port' | 'firstNumber'>,
  clock: Clock,
  writer: WriterClient,
): Promise<SqliteEngineParts> {
  try {
    await writer.ready;
    const file = databaseFile(directory);
    const reader = new Reader(openForReading(file), clock, commits);
    const standing = new Standing({ directory, diskFreeBytesMin, clock, figures });
    const scans = new Scans({ file, clock, figures, spareBytes: () => standing.spareBytes() });
    return { clock, standing, reader, scans, writer };
  } catch (error) {
    await writer.close();
    throw error;
  }
}

interface SqliteEngineParts {
  readonly clock: Clock;
  readonly standing: Standing;
  readonly reader: Reader;
  readonly scans: Scans;
  readonly writer: WriterClient;
  readonly onClosed?: () => void;
}

class SqliteEngine implements Engine {
  readonly atomicWrites = true;
  readonly #clock: Clock;
  readonly #standing: Standing;
  readonly #reader: Reader;
  readonly #scans: Scans;
  readonly #writer: WriterClient;
  readonly #onClosed: () => void;
  #closed: Promise<void> | undefined;

  constructor({ clock, standing, reader, scans, writer, onClosed = () => {} }: SqliteEngineParts) {
    this.#clock = clock;
    this.#standing = standing;
    this.#reader = reader;
    this.#scans = scans;
    this.#writer = writer;
    this.#onClosed = onClosed;
  }

  async createNamespace(account: string, namespace: Namespace, namespacesMax?: number): Promise<void> {
    await this.#change({ kind: 'createNamespace', account, namespace, namespacesMax });
  }

  getNamespace(address: NamespaceAddress): Promise<Namespace> {
    return this.#read(reader => reader.namespace(address));
  }

  listNamespaces(account: string, page: NamespacePage): Promise<{ namespaces: Namespace[]; total: number }> {
    return this.#read(reader => reader.namespaces(account, page));
  }

  async renameNamespace(address: NamespaceAddress, title: string): Promise<Namespace> {
    const { namespace } = await this.#change({ kind: 'renameNamespace', address, title });
    if (namespace === undefined) throw new Error('the writer did not name the renamed namespace');
    return namespace;
  }

  async deleteNamespace(address: NamespaceAddress): Promise<void> {
    await this.#change({ kind: 'deleteNamespace', address });
  }

  listAccounts(): Promise<string[]> {
    return this.#read(reader => reader.accounts());
  }

  accountsOfNamespace(id: string): Promise<readonly string[]> {
    return this.#read(reader => reader.accountsOfNamespace(id));
  }

  get(address: NamespaceAddress, key: string): Promise<StoredPair | undefined> {
    return this.#read(reader => reader.get(address, key));
  }

  getMany(
    address: NamespaceAddress,
    keys: readonly string[],
    valueBytesMax: number,
  ): Promise<(StoredPair | undefined)[]> {
    return this.#read(reader => reader.getMany(address, keys, valueBytesMax));
  }

  getTexts(address: NamespaceAddress, keys: readonly string[], valueBytesMax: number): Promise<Buffer> {
    return this.#read(reader => reader.getTexts(address, keys, valueBytesMax));
  }

  list(address: NamespaceAddress, page: KeyPage): Promise<KeyListing> {
    return this.#read(reader => reader.list(address, page));
  }

  scan(address: NamespaceAddress, range: ScanRange, scansMax?: number): Promise<Scan> {
    return this.#read(() => this.#scans.open(address, range, scansMax));
  }

  count(address: NamespaceAddress, prefix: string, scansMax?: number): Promise<number> {
    return this.#read(() => this.#scans.count(address, prefix, scansMax));
  }

  async put(address: NamespaceAddress, pair: Pair): Promise<void> {
    await this.#change({ kind: 'put', address, pair });
  }

  async write(address: NamespaceAddress, { puts, deletes, onConflict }: Changes): Promise<WriteResult> {
    const keys = deletes && packKeys(deletes);
    const bytes = (puts?.arena.length ?? 0) + (keys?.arena.length ?? 0);
    const guard = onConflict && { onConflict, now: this.#clock() };
    const { skipped, conflicts } = await this.#change({ kind: 'write', address, puts, deletes: keys, bytes, guard });
    return {
      failedKeys: [],
      ...(onConflict === 'skip' && { skipped: skipped?.pairs ?? [] }),
      ...(conflicts && { conflicts }),
    };
  }

  async replaceValue(address: NamespaceAddress, key: string, value: Uint8Array): Promise<boolean> {
    const puts = packPairs([{ key, value }]);
    const bytes = putBytes(puts);
    const { existed } = await this.#change({ kind: 'replaceValue', address, puts, bytes, now: this.#clock() });
    return existed === true;
  }

  async removeUnchanged(address: NamespaceAddress, puts: Puts): Promise<number> {
    const { removed } = await this.#change({ kind: 'removeUnchanged', address, puts, bytes: putBytes(puts) });
    return removed ?? 0;
  }

  rootTokenHash(): Promise<Uint8Array | undefined> {
    return this.#read(reader => reader.rootTokenHash());
  }

  async setRootTokenHash(hash: Uint8Array): Promise<void> {
    await this.#change({ kind: 'setRootTokenHash', hash });
  }

  async createToken(token: StoredToken, room?: TokenRoom): Promise<void> {
    await this.#change({ kind: 'createToken', token, room });
  }

  findToken(hash: Uint8Array): Promise<StoredToken | undefined> {
    return this.#read(reader => reader.token(hash));
  }

  listTokens(page: TokenPage): Promise<{ tokens: StoredToken[]; total: number }> {
    return this.#read(reader => reader.tokens(page));
  }

  async revokeToken(id: string): Promise<void> {
    await this.#change({ kind: 'revokeToken', id });
  }

  async touchToken(id: string, usedAt: number): Promise<void> {
    await this.#change({ kind: 'touchToken', id, usedAt });
  }

  check(): Promise<readonly Check[]> {
    const failure = this.#closed === undefined ? this.#writer.failure : closedError();
    const reason = failure?.message ?? this.#stall;
    const writer = { name: 'writer', ...(reason !== undefined && { reason }) };
    return Promise.resolve([writer, ...this.#standing.check()]);
  }

  figures(): Promise<EngineFigures> {
    return this.#read(() => this.#standing.figures());
  }

  close(): Promise<void> {
    this.#closed ??= this.#finish();
    return this.#closed;
  }

  /** A disk that hangs fails nothing: it only never comes back. */
  get #stall(): string | undefined {
    const { waitedMs } = this.#writer;
    if (waitedMs < SQLITE.writerReadyMs) return undefined;
    return `changes have been waiting for ${Math.floor(waitedMs / 1_000)} s for the disk`;
  }

  async #finish(): Promise<void> {
    // Before the writer, so that its connection is the last and leaves no log behind.
    this.#scans.close();
    this.#reader.close();
    await this.#writer.close();
    this.#onClosed();
  }

  #change(change: Submission): Promise<Result> {
    return this.#closed === undefined ? this.#writer.submit(change) : Promise.reject(closedError());
  }

  #read<Found>(read: (reader: Reader) => Found | Promise<Found>): Promise<Found> {
    return new Promise(resolve => {
      if (this.#closed !== undefined) throw closedError();
      resolve(read(this.#reader));
    });
  }
}

function closedError(): EngineError {
  return new EngineError('unavailable', 'the engine is closed');
}

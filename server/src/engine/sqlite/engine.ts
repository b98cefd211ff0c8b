/** An engine on one SQLite file: one thread writes, every serving thread reads for itself. */
import type { Worker } from 'node:worker_threads';
import {
  type Changes,
  type Clock,
  type Engine,
  EngineError,
  type KeyPage,
  type ListedKey,
  type Namespace,
  type NamespaceAddress,
  type NamespacePage,
  type Readiness,
  type StoredPair,
  type StoredToken,
  type WriteResult,
} from '../../kv/engine.ts';
import { newCommitCount } from './commit-count.ts';
import { openForReading } from './connection.ts';
import { SQLITE } from './constants.ts';
import { DiskFloor, defaultFreeBytesMin, readDiskSpace } from './disk.ts';
import { DirectoryLock } from './lock.ts';
import type { Change } from './messages.ts';
import { Reader } from './reader.ts';
import { databaseFile, prepareDatabase } from './schema.ts';
import { startWriterThread } from './start-writer-thread.ts';
import { WriterClient } from './writer-client.ts';

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
}

/** Rejects with `DataDirectoryError` where the directory cannot be used. */
export async function openSqliteEngine(options: SqliteOptions): Promise<Engine> {
  // First, because its code is loaded while the database is prepared.
  const { directory, thread = startWriterThread() } = options;
  let lock: DirectoryLock | undefined;
  try {
    lock = DirectoryLock.acquire(directory);
    prepareDatabase(directory);
    return await openPrepared(options, lock, thread);
  } catch (error) {
    await thread.terminate();
    lock?.release();
    throw error;
  }
}

async function openPrepared(options: SqliteOptions, lock: DirectoryLock, thread: Worker): Promise<Engine> {
  const { directory, clock, onFatal } = options;
  const diskFreeBytesMin = options.diskFreeBytesMin ?? defaultFreeBytesMin(readDiskSpace(directory));
  const diskFloor = new DiskFloor(diskFreeBytesMin, () => readDiskSpace(directory).freeBytes);
  const commits = newCommitCount();
  const writer = new WriterClient(thread, { directory, diskFreeBytesMin, commits }, onFatal);
  try {
    await writer.ready;
    const reader = new Reader(openForReading(databaseFile(directory)), clock, commits);
    return new SqliteEngine({ clock, lock, diskFloor, reader, writer });
  } catch (error) {
    await writer.close();
    throw error;
  }
}

interface SqliteEngineParts {
  readonly clock: Clock;
  readonly lock: DirectoryLock;
  readonly diskFloor: DiskFloor;
  readonly reader: Reader;
  readonly writer: WriterClient;
}

class SqliteEngine implements Engine {
  readonly atomicWrites = true;
  readonly #lock: DirectoryLock;
  readonly #diskFloor: DiskFloor;
  readonly #reader: Reader;
  readonly #writer: WriterClient;
  readonly #ticks: NodeJS.Timeout;
  #closed: Promise<void> | undefined;

  constructor({ clock, lock, diskFloor, reader, writer }: SqliteEngineParts) {
    this.#lock = lock;
    this.#diskFloor = diskFloor;
    this.#reader = reader;
    this.#writer = writer;
    this.#ticks = setInterval(() => writer.tick(clock()), SQLITE.tickMs).unref();
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
    const namespace = await this.#change({ kind: 'renameNamespace', address, title });
    if (namespace === undefined) throw new Error('the writer did not name the renamed namespace');
    return namespace;
  }

  async deleteNamespace(address: NamespaceAddress): Promise<void> {
    await this.#change({ kind: 'deleteNamespace', address });
  }

  listAccounts(): Promise<string[]> {
    return this.#read(reader => reader.accounts());
  }

  accountsOfNamespace(id: string): Promise<string[]> {
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

  list(address: NamespaceAddress, page: KeyPage): Promise<{ keys: ListedKey[]; complete: boolean }> {
    return this.#read(reader => reader.list(address, page));
  }

  async write(address: NamespaceAddress, { puts, deletes = [] }: Changes): Promise<WriteResult> {
    const deleteBytes = deletes.reduce((sum, key) => sum + key.length, 0);
    const bytes = deleteBytes + (puts?.arena.length ?? 0);
    await this.#change({ kind: 'write', address, puts, deletes, bytes });
    return { failedKeys: [] };
  }

  rootTokenHash(): Promise<Uint8Array | undefined> {
    return this.#read(reader => reader.rootTokenHash());
  }

  async setRootTokenHash(hash: Uint8Array): Promise<void> {
    await this.#change({ kind: 'setRootTokenHash', hash });
  }

  async createToken(token: StoredToken): Promise<void> {
    await this.#change({ kind: 'createToken', token });
  }

  findToken(hash: Uint8Array): Promise<StoredToken | undefined> {
    return this.#read(reader => reader.token(hash));
  }

  check(): Promise<Readiness> {
    return Promise.resolve(this.#readiness());
  }

  close(): Promise<void> {
    this.#closed ??= this.#finish();
    return this.#closed;
  }

  #readiness(): Readiness {
    if (this.#closed !== undefined) return { ready: false, reason: 'the engine is closed' };
    if (this.#writer.failure !== undefined) return { ready: false, reason: this.#writer.failure.message };
    const shortage = this.#diskFloor.shortage();
    return shortage === undefined ? { ready: true } : { ready: false, reason: shortage };
  }

  async #finish(): Promise<void> {
    clearInterval(this.#ticks);
    // Before the writer, so that its connection is the last and leaves no log behind.
    this.#reader.close();
    await this.#writer.close();
    this.#lock.release();
  }

  #change(change: Change): Promise<Namespace | undefined> {
    return this.#closed === undefined ? this.#writer.submit(change) : Promise.reject(closedError());
  }

  #read<Result>(read: (reader: Reader) => Result): Promise<Result> {
    return new Promise(resolve => {
      if (this.#closed !== undefined) throw closedError();
      resolve(read(this.#reader));
    });
  }
}

function closedError(): EngineError {
  return new EngineError('unavailable', 'the engine is closed');
}

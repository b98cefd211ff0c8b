/** Executing requests on the one connection that writes. */
import type Database from 'better-sqlite3';
import { EngineError } from '../../kv/engine.ts';
import { crashPoint } from '../crash-point.ts';
import { splitRequest } from './batch.ts';
import { ConditionalWriter } from './conditional-writer.ts';
import { SQLITE } from './constants.ts';
import type { DiskFloor } from './disk.ts';
import { isFatal, messageOf, refusalOf } from './failure.ts';
import type { Change, Outcome, Request, Result, ValueReplacement, WriteChange } from './messages.ts';
import { NamespaceWriter } from './namespace-writer.ts';
import { PairWriter } from './pair-writer.ts';
import { TokenWriter } from './token-writer.ts';

export class Writer {
  readonly #database: Database.Database;
  readonly #diskFloor: DiskFloor;
  readonly #namespaces: NamespaceWriter;
  readonly #pairs: PairWriter;
  readonly #conditional: ConditionalWriter;
  readonly #tokens: TokenWriter;
  readonly #begin: Database.Statement<[]>;
  readonly #commit: Database.Statement<[]>;
  readonly #rollback: Database.Statement<[]>;
  /** What the transaction under way may still write before the disk's floor is reached. */
  #spareBytes: number | undefined;

  constructor(database: Database.Database, diskFloor: DiskFloor) {
    this.#database = database;
    this.#diskFloor = diskFloor;
    this.#namespaces = new NamespaceWriter(database);
    this.#pairs = new PairWriter(database);
    this.#conditional = new ConditionalWriter(database);
    this.#tokens = new TokenWriter(database);
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
    this.#rollback = database.prepare('ROLLBACK');
  }

  /**
   * Executes requests in one transaction, durable on return, and tells what became of each. Throws where the
   * connection cannot be trusted any more; then nothing may be acknowledged.
   */
  execute(requests: readonly Request[]): Outcome[] {
    try {
      return this.#transaction(requests);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal !== undefined) return requests.map(({ number, count }) => ({ number, count, failure: refusal }));
      if (isFatal(error)) throw error;
      // A defect in one request must not take its neighbours with it: each by itself.
      const parts = requests.flatMap(splitRequest);
      if (parts.length > 1) return parts.flatMap(part => this.execute([part]));
      return requests.map(({ number, count }) => ({ number, count, failure: { message: messageOf(error) } }));
    }
  }

  #transaction(requests: readonly Request[]): Outcome[] {
    this.#begin.run();
    try {
      this.#spareBytes = undefined;
      const outcomes = requests.map(request => this.#attempt(request));
      crashPoint('before-commit');
      this.#commit.run();
      return outcomes;
    } catch (error) {
      // SQLite has rolled back by itself after some errors.
      if (this.#database.inTransaction) this.#rollback.run();
      throw error;
    }
  }

  /** A change refuses before it writes anything, so that a refusal leaves nothing to undo in the transaction. */
  #attempt({ number, count, change }: Request): Outcome {
    try {
      const result = this.#apply(change);
      return result === undefined ? { number, count } : { number, count, ...result };
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      return { number, count, failure: { reason: error.reason, message: error.message } };
    }
  }

  #apply(change: Change): Result | undefined {
    switch (change.kind) {
      case 'write':
        return this.#write(change);
      case 'replaceValue':
        return this.#replaceValue(change);
      case 'removeUnchanged': {
        const namespace = this.#namespaces.number(change.address);
        return { removed: this.#conditional.removeUnchanged(namespace, change.puts) };
      }
      case 'createNamespace':
        this.#claimDisk(0);
        this.#namespaces.create(change.account, change.namespace, change.namespacesMax);
        return undefined;
      case 'renameNamespace':
        this.#claimDisk(0);
        return { namespace: this.#namespaces.rename(change.address, change.title) };
      case 'deleteNamespace':
        this.#namespaces.delete(change.address);
        return undefined;
      case 'setRootTokenHash':
        this.#tokens.setRootHash(change.hash);
        return undefined;
      case 'createToken':
        this.#claimDisk(0);
        this.#tokens.create(change.token, change.room);
        return undefined;
      case 'revokeToken':
        this.#tokens.revoke(change.id);
        return undefined;
      case 'touchToken':
        this.#claimDisk(0);
        this.#tokens.touch(change.id, change.usedAt);
        return undefined;
    }
  }

  #write({ address, puts, deletes, bytes, guard }: WriteChange): Result | undefined {
    const namespace = this.#namespaces.number(address);
    const split = guard && puts && this.#conditional.split(namespace, puts, guard);
    if (split?.conflicts !== undefined) return { conflicts: split.conflicts };
    if (puts !== undefined) {
      this.#claimDisk(bytes);
      this.#pairs.put(namespace, split?.free ?? puts);
    }
    if (deletes !== undefined) this.#pairs.delete(namespace, deletes);
    return split && { skipped: split.skipped };
  }

  #replaceValue({ address, puts, bytes, now }: ValueReplacement): Result {
    const namespace = this.#namespaces.number(address);
    this.#claimDisk(bytes);
    const existed = this.#conditional.replaceValue(namespace, puts, now);
    if (!existed) this.#pairs.put(namespace, puts);
    return { existed };
  }

  #claimDisk(bytes: number): void {
    const claim = bytes * SQLITE.diskBytesPerByte;
    const spareBytes = this.#spareBytes ?? this.#readSpareBytes();
    if (spareBytes < claim) throw new EngineError('storageFull', 'too little free disk space');
    this.#spareBytes = spareBytes - claim;
  }

  /** Asked only when something is put, so that a file system that cannot tell does not keep deletes back. */
  #readSpareBytes(): number {
    try {
      return this.#diskFloor.spareBytes();
    } catch (error) {
      throw new EngineError('unavailable', `free disk space cannot be read: ${messageOf(error)}`);
    }
  }
}

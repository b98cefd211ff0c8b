/** The lock that keeps a second engine out of a data directory. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { DataDirectoryError } from './data-directory-error.ts';
import { isDiskFull, orFileLimit } from './failure.ts';

/**
 * An exclusive lock on `lock.db`, held by an open connection. The system drops it with the process, however that
 * ends, and it holds across containers that share the directory, where a process id means nothing.
 */
export class DirectoryLock {
  readonly #database: Database.Database;

  private constructor(database: Database.Database) {
    this.#database = database;
  }

  /** Throws `DataDirectoryError` where another engine, in this process or another, holds the directory. */
  static acquire(directory: string): DirectoryLock {
    const file = lockFile(directory);
    let database: Database.Database | undefined;
    try {
      database = new Database(file, { timeout: 0 });
      database.pragma('locking_mode = EXCLUSIVE');
      // In this mode a connection keeps what a transaction has locked.
      database.exec('BEGIN EXCLUSIVE; COMMIT');
      return new DirectoryLock(database);
    } catch (error) {
      database?.close();
      throw refusal(directory, file, error);
    }
  }

  /**
   * Whether a database was made in this directory before. Then one that is missing was lost, and must not be replaced
   * by an empty one.
   */
  get databaseNoted(): boolean {
    return this.#database.pragma('user_version', { simple: true }) !== 0;
  }

  /** Notes durably that the directory has a database. */
  noteDatabase(): void {
    if (this.databaseNoted) return;
    try {
      this.#database.pragma('user_version = 1');
    } catch (error) {
      // Such as with the database of an earlier release, which is to be served all the same. A later start does it.
      if (!isDiskFull(error)) throw error;
    }
  }

  release(): void {
    this.#database.close();
  }
}

export function lockFile(directory: string): string {
  return join(directory, 'lock.db');
}

function refusal(directory: string, file: string, error: unknown): DataDirectoryError {
  const cause = { cause: error };
  if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
    return new DataDirectoryError(
      'inUse',
      `The data directory ${directory} is in use by another Freehold server. Stop that server, or choose another directory with --data.`,
      cause,
    );
  }
  if (error instanceof Database.SqliteError && /^SQLITE_(NOTADB|CORRUPT)/.test(error.code)) {
    return new DataDirectoryError(
      'damaged',
      `${file} is damaged: ${error.message}. It holds no pairs. If freehold.db is beside it, remove ${file} and start again.`,
      cause,
    );
  }
  const detail = error instanceof Error ? error.message : String(error);
  return new DataDirectoryError(
    'inaccessible',
    `The data directory ${directory} cannot be locked: ${file}: ${detail}. Check that it exists, is writable, and lies on a local disk${orFileLimit(error)}.`,
    cause,
  );
}

/** Looking into the database of a stopped engine, which is left as it is. */
import { existsSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { openForReading } from './connection.ts';
import { SQLITE } from './constants.ts';
import { DataDirectoryError } from './data-directory-error.ts';
import { messageOf } from './failure.ts';
import { DirectoryLock, lockFile } from './lock.ts';
import { databaseFile, lost, refuseEmpty, unusable, verifyHeader } from './schema.ts';

export type DatabaseReport =
  | { readonly kind: 'absent' }
  /** An engine has it open. */
  | { readonly kind: 'inUse' }
  /** The message says what is wrong. */
  | { readonly kind: 'unusable'; readonly message: string }
  | {
      readonly kind: 'inspected';
      readonly layout: number;
      readonly layoutOfRelease: number;
      readonly pairs: number;
      /** The first few, each on a line of its own. */
      readonly faults: readonly string[];
    };

const FAULTS_MAX = 5;

/** Reads all of it, which takes as long as the disk needs. No engine can be opened on the directory meanwhile. */
export function inspectDatabase(directory: string): DatabaseReport {
  const file = databaseFile(directory);
  let lock: DirectoryLock | undefined;
  try {
    // A directory without its lock never had an engine, and none is made for it.
    if (existsSync(lockFile(directory))) lock = DirectoryLock.acquire(directory);
    if (!existsSync(file)) {
      if (lock?.databaseNoted) throw lost(file);
      return { kind: 'absent' };
    }
    refuseEmpty(file);
    return withoutTraces(file, () => inspect(file));
  } catch (error) {
    const { reason, message } = error instanceof DataDirectoryError ? error : unusable(file, error);
    return reason === 'inUse' ? { kind: 'inUse' } : { kind: 'unusable', message };
  } finally {
    lock?.release();
  }
}

export function sqliteVersion(): string {
  const database = new Database(':memory:');
  const version = database.prepare<[], string>('SELECT sqlite_version()').pluck().get();
  database.close();
  return String(version);
}

export function withoutTraces<Result>(file: string, read: () => Result): Result {
  const removeTraces = watchTraces(file);
  try {
    return read();
  } finally {
    removeTraces();
  }
}

/**
 * A reader makes log and shared memory where there are none: left behind by root, they would keep the server out.
 * Answers what removes them again.
 */
export function watchTraces(file: string): () => void {
  const made = ['-wal', '-shm'].map(suffix => file + suffix).filter(each => !existsSync(each));
  return () => {
    for (const each of made) rmSync(each, { force: true });
  };
}

function inspect(file: string): DatabaseReport {
  const database = openForReading(file);
  try {
    const layout = verifyHeader(file, database);
    const faults = faultsOf(database);
    // What is damaged cannot always be counted.
    const pairs = faults.length > 0 ? 0 : count(database, 'SELECT count(*) FROM pairs');
    return { kind: 'inspected', layout, layoutOfRelease: SQLITE.schemaVersion, pairs, faults };
  } finally {
    database.close();
  }
}

/** Also compares every index with its table. */
export function faultsOf(database: Database.Database): string[] {
  const found = integrityOf(database);
  if (found.join() !== 'ok') return found.flatMap(text => text.split('\n'));
  const twice = count(
    database,
    'SELECT count(*) FROM (SELECT 1 FROM pairs GROUP BY namespace, key HAVING count(*) > 1)',
  );
  const homeless = count(
    database,
    `SELECT count(*) FROM (SELECT DISTINCT namespace FROM pairs)
     WHERE namespace NOT IN (SELECT number FROM namespaces) AND namespace NOT IN (SELECT namespace FROM reclaim)`,
  );
  return [
    ...(twice > 0 ? [`keys that are there more than once in their namespace: ${twice}`] : []),
    ...(homeless > 0 ? [`namespaces that are gone and whose pairs are not: ${homeless}`] : []),
  ];
}

function integrityOf(database: Database.Database): string[] {
  try {
    return database.prepare<[], string>(`PRAGMA integrity_check(${FAULTS_MAX})`).pluck().all();
  } catch (error) {
    // Some damage ends the check itself.
    return [messageOf(error)];
  }
}

function count(database: Database.Database, sql: string): number {
  return database.prepare<[], number>(sql).pluck().get() ?? 0;
}

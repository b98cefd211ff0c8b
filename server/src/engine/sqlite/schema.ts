/** The database file: how it is made, recognised and recovered. */
import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { crashPoint } from '../crash-point.ts';
import { openForReading, openForWriting } from './connection.ts';
import { SQLITE } from './constants.ts';
import { DataDirectoryError } from './data-directory-error.ts';
import { isDiskFull, orFileLimit } from './failure.ts';
import { migrate } from './migrations.ts';

/**
 * - `pairs` has the value last: a row's first columns are read without its overflow pages. `pairs_by_key` answers
 *   look-ups and listings by itself. It holds expiry and metadata and so cannot be unique; that a key occurs once in a
 *   namespace is the writer's duty, of whom there is one.
 * - Keys and metadata are UTF-8 in BLOBs: compared byte by byte, and bound without a detour through strings.
 * - `namespaces.number` is never given twice, so that a namespace made again under an old id meets no old pairs.
 * - `reclaim` holds the numbers of deleted namespaces whose pairs are still to be removed.
 * - `tokens.namespaces` is a JSON array; NULL, unlike an empty one, means no limit. `tokens.read_only` is 0 or 1.
 *
 * What changes here takes a higher `SQLITE.schemaVersion` and a step in `migrations.ts` that does the same to older
 * databases.
 */
const SCHEMA = `
  CREATE TABLE namespaces (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    title TEXT NOT NULL,
    jurisdiction TEXT,
    UNIQUE (account, id),
    UNIQUE (account, title)
  ) STRICT;
  CREATE INDEX namespaces_by_id ON namespaces (id, account);
  CREATE TABLE pairs (
    id INTEGER PRIMARY KEY,
    namespace INTEGER NOT NULL,
    key BLOB NOT NULL,
    expires INTEGER,
    metadata BLOB,
    value BLOB NOT NULL
  ) STRICT;
  CREATE INDEX pairs_by_key ON pairs (namespace, key, expires, metadata);
  CREATE INDEX pairs_expiring ON pairs (expires) WHERE expires IS NOT NULL;
  CREATE TABLE reclaim (namespace INTEGER PRIMARY KEY) STRICT;
  CREATE TABLE settings (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE tokens (
    hash BLOB PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created INTEGER NOT NULL,
    account TEXT,
    namespaces TEXT,
    read_only INTEGER NOT NULL,
    expires INTEGER,
    requests_per_second INTEGER,
    bytes_per_day INTEGER,
    last_used INTEGER
  ) STRICT, WITHOUT ROWID;
`;

export function databaseFile(directory: string): string {
  return join(directory, 'freehold.db');
}

/** Of SQLite's name; absent where no connection is open and nothing waits in it. */
export function logFile(directory: string): string {
  return `${databaseFile(directory)}-wal`;
}

/**
 * Makes the database where the directory has none; otherwise checks that it is one that this release can use, brings
 * what a crash left in the log into it, and gives it the layout of this release. The caller holds the directory's lock.
 * `madeBefore`: a database that is missing was lost, and no other takes its place.
 */
export function prepareDatabase(directory: string, madeBefore = false): void {
  const file = databaseFile(directory);
  try {
    if (!existsSync(file)) {
      if (madeBefore) throw lost(file);
      createDatabase(file);
    }
    refuseEmpty(file);
    verifyDatabase(file);
    bringUpToDate(file);
  } catch (error) {
    throw unusable(file, error);
  }
}

/** To be called before SQLite opens the file: it would delete the log of an empty one. */
export function refuseEmpty(file: string): void {
  if (statSync(file).size === 0) throw damaged(file, 'it is empty');
}

/** What a database is called while it is restored. */
export const RESTORING = '.restoring';

/** A half-made file never bears the real name, so that a file of that name without contents is damage. */
function createDatabase(file: string): void {
  if (existsSync(`${file}-wal`)) {
    const message = `${file} is missing, though its log ${file}-wal is there. Put the database back, or restore a backup into an empty directory.`;
    throw new DataDirectoryError('damaged', message);
  }
  if (existsSync(file + RESTORING)) {
    const message = `${file} is missing: a restore into ${dirname(file)} was broken off. Do it again, or remove ${file}${RESTORING} to begin without it.`;
    throw new DataDirectoryError('damaged', message);
  }
  const draft = `${file}.new`;
  for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(draft + suffix, { force: true });
  const database = new Database(draft);
  try {
    chmodSync(draft, 0o600);
    database.pragma(`page_size = ${SQLITE.pageBytes}`);
    database.pragma('auto_vacuum = INCREMENTAL');
    database.pragma('encoding = "UTF-8"');
    database.pragma('journal_mode = WAL');
    database.exec(`
      BEGIN;
      PRAGMA application_id = ${SQLITE.applicationId};
      PRAGMA user_version = ${SQLITE.schemaVersion};
      ${SCHEMA}
      COMMIT
    `);
  } finally {
    database.close();
  }
  synchronise(draft);
  crashPoint('before-first-rename');
  renameSync(draft, file);
  synchronise(dirname(file));
  crashPoint('after-first-rename');
}

function synchronise(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Through a connection that cannot write, so that another program's file stays as it is. */
function verifyDatabase(file: string): void {
  const database = openForReading(file);
  try {
    verifyHeader(file, database);
  } finally {
    database.close();
  }
}

/** Throws `DataDirectoryError` where the file is none that this release can use. Answers its layout. */
export function verifyHeader(file: string, database: Database.Database): number {
  if (database.pragma('application_id', { simple: true }) !== SQLITE.applicationId) throw foreign(file);
  const version = Number(database.pragma('user_version', { simple: true }));
  if (version > SQLITE.schemaVersion) {
    const message = `${file} was written by a newer Freehold (layout ${version}; this release knows ${SQLITE.schemaVersion}). Install that release or a later one.`;
    throw new DataDirectoryError('newerVersion', message);
  }
  if (version < 1) throw damaged(file, `it has the layout ${version}`);
  return version;
}

function bringUpToDate(file: string): void {
  const database = openForWriting(file);
  try {
    // A file that cannot be written is refused here, and not by the first write of a client.
    const version = Number(database.pragma('user_version', { simple: true }));
    database.exec(`BEGIN IMMEDIATE; PRAGMA user_version = ${version}; ROLLBACK`);
    emptyLog(database);
    migrate(database);
  } finally {
    database.close();
  }
}

function emptyLog(database: Database.Database): void {
  try {
    database.pragma('wal_checkpoint(TRUNCATE)');
  } catch (error) {
    // A full disk is no reason not to serve reads and deletes; the log is complete as it is.
    if (!isDiskFull(error)) throw error;
  }
}

export function lost(file: string): DataDirectoryError {
  const message = `${file} is missing, though this directory had a database. Put it back, or restore a backup into an empty directory; to begin anew without it, remove ${join(dirname(file), 'lock.db')}.`;
  return new DataDirectoryError('damaged', message);
}

function foreign(file: string): DataDirectoryError {
  return new DataDirectoryError(
    'foreign',
    `${file} is an SQLite database of another program. Choose another directory with --data.`,
  );
}

function damaged(file: string, detail: string, options?: ErrorOptions): DataDirectoryError {
  const message = `${file} is not a whole Freehold database: ${detail}. Restore a backup, or choose another directory with --data.`;
  return new DataDirectoryError('damaged', message, options);
}

/** What an error while a database was opened means for whoever runs the server. */
export function unusable(file: string, error: unknown): DataDirectoryError {
  if (error instanceof DataDirectoryError) return error;
  const cause = { cause: error };
  const detail = error instanceof Error ? error.message : String(error);
  const code = error instanceof Database.SqliteError ? error.code : '';
  if (/^SQLITE_(NOTADB|CORRUPT)/.test(code)) return damaged(file, detail, cause);
  // The latter where not even the index of the log can be made, which takes 32 KiB.
  if (/^SQLITE_(FULL|IOERR_SHMSIZE)$/.test(code)) {
    const message = `${file} cannot be opened: the disk is full. Free some space and start again.`;
    return new DataDirectoryError('diskFull', message, cause);
  }
  const message = `${file} cannot be opened: ${detail}. Check the disk and permissions${orFileLimit(error)}.`;
  return new DataDirectoryError('inaccessible', message, cause);
}

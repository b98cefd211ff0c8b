/** Reads a database from its first page to its last, and tells what it holds and whether it is whole. */
import { existsSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { OnStep } from './backup.ts';
import { BackupError } from './backup-error.ts';
import { type BackupNote, hasNote, readNote } from './backup-note.ts';
import { openForReading } from './connection.ts';
import { DataDirectoryError } from './data-directory-error.ts';
import { type DatabaseDigest, digestDatabase } from './digest.ts';
import { messageOf } from './failure.ts';
import { faultsOf, withoutTraces } from './inspection.ts';
import { DirectoryLock } from './lock.ts';
import { databaseFile, refuseEmpty, unusable, verifyHeader } from './schema.ts';

export interface Verification extends DatabaseDigest {
  readonly file: string;
  readonly bytes: number;
  readonly layout: number;
  readonly pairs: number;
  /** Of a backup, in seconds since the Unix epoch. */
  readonly madeAt?: number;
  /** The release of Freehold that has made the backup. */
  readonly madeBy?: string;
  /** What is wrong, each in a line; where there is anything, the figures are what could be read. */
  readonly faults: readonly string[];
}

const NOTHING: DatabaseDigest = { namespaces: [], recordsSha256: '' };

/** Throws a `BackupError` where the file is no backup that this release can read. */
export function verifyBackup(file: string, onStep: OnStep): Verification {
  return telling(file, () => {
    refuseEmpty(file);
    // Read as it is: whoever looks into a backup must not change it.
    const database = new Database(file, { readonly: true, fileMustExist: true });
    try {
      const layout = verifyHeader(file, database);
      if (!hasNote(database)) {
        const message = `${file} is no backup, but the database of a server: name its directory, and make backups by freehold backup`;
        throw new BackupError(message);
      }
      return verify(file, database, layout, onStep);
    } finally {
      database.close();
    }
  });
}

/** The same for a data directory, on which no server may run meanwhile. */
export function verifyDirectory(directory: string, onStep: OnStep): Verification {
  const file = databaseFile(directory);
  if (!existsSync(file)) throw new BackupError(`there is no Freehold database in ${directory}`);
  return telling(file, () => onStopped(directory, () => withoutTraces(file, () => verifyStopped(file, onStep))));
}

function verifyStopped(file: string, onStep: OnStep): Verification {
  refuseEmpty(file);
  const database = openForReading(file);
  try {
    return verify(file, database, verifyHeader(file, database), onStep);
  } finally {
    database.close();
  }
}

/** Does it while no engine can be opened on the directory. */
function onStopped<Result>(directory: string, act: () => Result): Result {
  const lock = DirectoryLock.acquire(directory);
  try {
    return act();
  } finally {
    lock.release();
  }
}

function verify(file: string, database: Database.Database, layout: number, onStep: OnStep): Verification {
  const { size: bytes } = statSync(file);
  onStep({ phase: 'checking', bytes: 0, bytesTotal: bytes });
  const faults = faultsOf(database);
  const stored = attempt(() => (hasNote(database) ? { note: readNote(database) } : {}), faults) ?? {};
  const digest = attempt(() => {
    let read = 0;
    return digestDatabase(database, more => {
      read += more;
      onStep({ phase: 'reading', bytes: read, bytesTotal: bytes });
    });
  }, faults);
  if ('note' in stored) faults.push(...differences(stored.note, digest));
  const { madeAt, madeBy } = stored.note ?? {};
  const found = digest ?? NOTHING;
  const pairs = found.namespaces.reduce((sum, namespace) => sum + namespace.pairs, 0);
  const made = { ...(madeAt !== undefined && { madeAt }), ...(madeBy !== undefined && { madeBy }) };
  return { file, bytes, layout, pairs, ...made, ...found, faults };
}

/** What is damaged cannot always be read to its end. */
function attempt<Result>(read: () => Result, faults: string[]): Result | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    faults.push(messageOf(error));
    return undefined;
  }
}

/** Between what the backup tells of itself and what is in it. */
function differences(note: BackupNote | undefined, found: DatabaseDigest | undefined): string[] {
  if (note === undefined) return ['what the backup tells of itself cannot be read'];
  if (found === undefined) return [];
  const foundById = new Map(found.namespaces.map(namespace => [`${namespace.account}/${namespace.id}`, namespace]));
  const faults = note.namespaces.flatMap(({ account, id, title, pairs, sha256 }) => {
    const name = `namespace ${id} (${JSON.stringify(title)})`;
    const there = foundById.get(`${account}/${id}`);
    if (there === undefined) return [`${name} is missing`];
    if (there.pairs !== pairs) return [`${name} has ${there.pairs} pairs, where ${pairs} were backed up`];
    return there.sha256 === sha256 ? [] : [`the pairs of ${name} are not those that were backed up`];
  });
  const more = found.namespaces.length - note.namespaces.length;
  if (more > 0) faults.push(`namespaces that were not backed up: ${more}`);
  if (found.recordsSha256 !== note.recordsSha256) {
    faults.push('namespaces, tokens or settings are not those that were backed up');
  }
  return faults;
}

/** Words what keeps a file from being read for whoever wants it read. */
function telling<Result>(file: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof BackupError) throw error;
    const cause = error instanceof DataDirectoryError || error instanceof Database.SqliteError;
    if (!cause) throw error;
    throw new BackupError(unusable(file, error).message, { cause: error });
  }
}

/** Makes a data directory of a backup. */
import { closeSync, fsyncSync, openSync, readdirSync, readSync, statSync, writeSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { OnStep } from './backup.ts';
import { BackupError } from './backup-error.ts';
import { claimSpace, DraftFile } from './backup-file.ts';
import { removeNote } from './backup-note.ts';
import { SQLITE } from './constants.ts';
import { isDiskFull } from './failure.ts';
import { DirectoryLock } from './lock.ts';
import { databaseFile, RESTORING } from './schema.ts';

/** What is in a directory that may take a database: what a broken-off restore leaves, and what a file system has. */
const MAY_BE_THERE = /^(lock\.db(-journal)?|freehold\.db\.restoring(-journal|-wal|-shm)?|lost\+found)$/;

const CHUNK_BYTES = 1_048_576;

/** Throws a `BackupError` where a database, or anything else, is in the directory. One that is not there is empty. */
export function refuseUsed(directory: string): void {
  const used = entriesOf(directory).find(name => !MAY_BE_THERE.test(name));
  if (used === undefined) return;
  throw new BackupError(`${directory} is not empty: there is ${used} in it. Restore into an empty or a new directory`);
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/**
 * Of a backup that was verified; the directory is there, and empty. The database has its name only once the disk has all
 * of it. Throws a `BackupError` for what the operator can put right.
 */
export function restoreBackup(file: string, directory: string, onStep: OnStep): void {
  refuseUsed(directory);
  const lock = DirectoryLock.acquire(directory);
  const draft = new DraftFile(databaseFile(directory), RESTORING);
  try {
    claimSpace(directory, statSync(file).size, SQLITE.backupFreeBytesMin);
    draft.create();
    copyFile(file, draft.path, onStep);
    makeUsable(draft.path);
    draft.finish();
    lock.noteDatabase();
  } catch (error) {
    draft.remove();
    if (isDiskFull(error) || (error as NodeJS.ErrnoException).code === 'ENOSPC') {
      throw new BackupError(`there is no space left in ${directory}`, { cause: error });
    }
    throw error;
  } finally {
    lock.release();
  }
}

function copyFile(from: string, to: string, onStep: OnStep): void {
  const source = openSync(from, 'r');
  const target = openSync(to, 'w');
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const { size: bytesTotal } = statSync(from);
    let bytes = 0;
    for (let read = readSync(source, chunk); read > 0; read = readSync(source, chunk)) {
      for (let written = 0; written < read; ) written += writeSync(target, chunk, written, read - written);
      bytes += read;
      onStep({ phase: 'copying', bytes, bytesTotal });
    }
    fsyncSync(target);
  } finally {
    closeSync(target);
    closeSync(source);
  }
}

/** As a first start makes it: without what a backup tells of itself, and with a log. */
function makeUsable(file: string): void {
  const database = new Database(file);
  try {
    removeNote(database);
    database.pragma('journal_mode = WAL');
  } finally {
    database.close();
  }
}

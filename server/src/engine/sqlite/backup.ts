/**
 * Makes a backup: one file with the whole database as it is at one instant, while others write. A transaction that reads
 * keeps that instant: commits of other connections neither show in the copy nor make it begin anew.
 */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { BackupError } from './backup-error.ts';
import { claimSpace, DraftFile, shareDisk } from './backup-file.ts';
import { writeNote } from './backup-note.ts';
import { openForReading } from './connection.ts';
import { SQLITE } from './constants.ts';
import { type DatabaseDigest, digestDatabase } from './digest.ts';
import { isDiskFull, messageOf } from './failure.ts';
import { faultsOf } from './inspection.ts';
import { databaseFile, verifyHeader } from './schema.ts';

export interface BackupOrder {
  /** The data directory. */
  readonly directory: string;
  /** Absolute; a file that is not there, in a directory that is. */
  readonly target: string;
  /** The release of Freehold. */
  readonly version: string;
  /** In seconds since the Unix epoch. */
  readonly now: number;
  /** Space that is kept free where the backup lies on the disk of the data directory. */
  readonly diskFreeBytesMin: number;
}

export type OnStep = (progress: BackupProgress) => void;

/** The phases follow each other; the bytes of each are counted from 0, and those of `checking` are not known. */
export interface BackupProgress {
  readonly phase: 'copying' | 'checking' | 'reading';
  readonly bytes: number;
  readonly bytesTotal: number;
}

export interface BackupReport {
  readonly file: string;
  readonly bytes: number;
  /** The instant that it shows, in seconds since the Unix epoch. */
  readonly madeAt: number;
  readonly layout: number;
  readonly namespaces: number;
  readonly pairs: number;
}

/** What a draft is called until it is a backup. */
export const PARTIAL = '.partial';

/**
 * `onStep` may block, so that the work is slowed down, or throw, so that it ends. Rejects with a `BackupError` for what
 * the operator can put right, and leaves nothing behind where it rejects.
 */
export async function makeBackup(order: BackupOrder, onStep: OnStep): Promise<BackupReport> {
  const draft = new DraftFile(order.target, PARTIAL);
  try {
    draft.create();
    await copy(order, draft, onStep);
    const digest = check(draft.path, onStep);
    const layout = note(draft.path, { ...digest, madeAt: order.now, madeBy: order.version });
    draft.finish();
    const pairs = digest.namespaces.reduce((sum, namespace) => sum + namespace.pairs, 0);
    const { target: file, now: madeAt } = order;
    return { file, bytes: statSync(file).size, madeAt, layout, namespaces: digest.namespaces.length, pairs };
  } catch (error) {
    draft.remove();
    if (isDiskFull(error) || (error as NodeJS.ErrnoException).code === 'ENOSPC') {
      throw new BackupError(`there is no space left for ${order.target}`, { cause: error });
    }
    throw error;
  }
}

async function copy(
  { directory, target, diskFreeBytesMin }: BackupOrder,
  draft: DraftFile,
  onStep: OnStep,
): Promise<void> {
  const file = databaseFile(directory);
  const to = dirname(target);
  const floorBytes = shareDisk(directory, to) ? diskFreeBytesMin : SQLITE.backupFreeBytesMin;
  const source = openForReading(file);
  try {
    source.pragma(`cache_size = -${SQLITE.backupCacheBytes / 1_024}`);
    source.exec('BEGIN');
    // The first read is the instant.
    verifyHeader(file, source);
    const pageBytes = Number(source.pragma('page_size', { simple: true }));
    const bytesTotal = Number(source.pragma('page_count', { simple: true })) * pageBytes;
    claimSpace(to, bytesTotal, floorBytes);
    let syncedBytes = 0;
    await source.backup(draft.path, {
      progress: ({ totalPages, remainingPages }) => {
        const bytes = (totalPages - remainingPages) * pageBytes;
        if (bytes - syncedBytes >= SQLITE.backupSyncBytes) {
          // Else the commits of others would wait for all of it at once.
          draft.sync();
          syncedBytes = bytes;
          claimSpace(to, bytesTotal - bytes, floorBytes);
        }
        onStep({ phase: 'copying', bytes, bytesTotal });
        return SQLITE.backupStepPages;
      },
    });
  } finally {
    source.close();
  }
}

/** Of the copy, so that what is promised of it was read from it. */
function check(file: string, onStep: OnStep): DatabaseDigest {
  const database = new Database(file);
  try {
    database.pragma('synchronous = OFF');
    database.pragma(`cache_size = -${SQLITE.backupCacheBytes / 1_024}`);
    database.pragma('temp_store = MEMORY');
    // As a file by itself: a copy of a database with a log expects one.
    database.pragma('journal_mode = DELETE');
    const bytesTotal = statSync(file).size;
    onStep({ phase: 'checking', bytes: 0, bytesTotal });
    const faults = faultsOf(database);
    if (faults.length > 0) throw new BackupError(`the database is damaged, and so is its copy: ${faults.join('; ')}`);
    let bytes = 0;
    return digestDatabase(database, more => {
      bytes += more;
      onStep({ phase: 'reading', bytes, bytesTotal });
    });
  } finally {
    database.close();
  }
}

/** Answers the layout. */
function note(file: string, text: Parameters<typeof writeNote>[1]): number {
  const database = new Database(file);
  try {
    database.pragma('synchronous = OFF');
    writeNote(database, text);
    return Number(database.pragma('user_version', { simple: true }));
  } finally {
    database.close();
  }
}

/** In one line, for whoever asked for the backup. */
export function backupFault(error: unknown): string {
  return error instanceof BackupError ? error.message : messageOf(error);
}

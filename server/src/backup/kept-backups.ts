/** The directory in which the server keeps the backups that it makes by itself, and what of them is too many. */
import { constants } from 'node:fs';
import { access, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PARTIAL } from '../database-backup.ts';
import { OperatorError } from '../operator-error.ts';
import { instantOfName } from './backup-name.ts';

export interface KeptBackup {
  readonly file: string;
  /** The instant that it shows, in seconds since the Unix epoch. */
  readonly at: number;
}

/**
 * The newest first. Those from the future are behind all others: they were made before the clock was set back. Files of
 * other names are nobody's business here.
 */
export async function keptBackups(directory: string, now: number): Promise<readonly KeptBackup[]> {
  const names = await readdir(directory);
  const kept = names.flatMap(name => {
    const at = instantOfName(name);
    return at === undefined ? [] : [{ file: join(directory, name), at }];
  });
  const isFuture = ({ at }: KeptBackup) => Number(at > now);
  return kept.toSorted((one, other) => isFuture(one) - isFuture(other) || other.at - one.at);
}

/** Removes the oldest, so that so many are left. Answers what it has removed. */
export async function removeOldBackups(directory: string, keep: number, now: number): Promise<readonly string[]> {
  const old = (await keptBackups(directory, now)).slice(keep).map(({ file }) => file);
  for (const file of old) await rm(file, { force: true });
  return old;
}

/** Removes what is left of backups that ended with the machine. None may be under way in the directory. */
export async function removeBrokenOff(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const [whole = ''] = name.split(PARTIAL);
    if (whole !== name && instantOfName(whole) !== undefined) await rm(join(directory, name), { force: true });
  }
}

/** Throws an `OperatorError` where it is none that the server can write to. */
export async function checkBackupDirectory(directory: string): Promise<void> {
  try {
    const isDirectory = (await stat(directory)).isDirectory();
    if (!isDirectory) throw new Error('it is no directory');
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const message = `the server cannot keep backups in ${directory}: ${(error as Error).message}`;
    throw new OperatorError(message, { cause: error });
  }
}

/** Backups, as commands and the server ask for them: what they can put right is an `OperatorError`. */
import { makeDataDirectory } from './data-directory.ts';
import type { BackupOrder, BackupReport, OnStep } from './engine/sqlite/backup.ts';
import type { BackupWatch } from './engine/sqlite/backup-client.ts';
import { BackupError } from './engine/sqlite/backup-error.ts';
import { backUpStopped } from './engine/sqlite/backup-stopped.ts';
import { DataDirectoryError } from './engine/sqlite/data-directory-error.ts';
import { refuseUsed, restoreBackup } from './engine/sqlite/restore.ts';
import { type Verification, verifyBackup, verifyDirectory } from './engine/sqlite/verification.ts';
import { OperatorError } from './operator-error.ts';

export { type BackupProgress, type BackupReport, PARTIAL } from './engine/sqlite/backup.ts';
export type { BackupWatch } from './engine/sqlite/backup-client.ts';
export type { Verification } from './engine/sqlite/verification.ts';

/** Of a data directory on which no server runs. */
export function backUpDirectory(
  order: Omit<BackupOrder, 'diskFreeBytesMin'>,
  watch: BackupWatch,
): Promise<BackupReport> {
  return forOperators(() => backUpStopped(order, watch));
}

/** What is wrong with a backup is told among its faults. */
export function verifyFile(file: string, onStep: OnStep): Promise<Verification> {
  return forOperators(() => verifyBackup(file, onStep));
}

/** The same for a data directory on which no server runs. */
export function verifyStopped(directory: string, onStep: OnStep): Promise<Verification> {
  return forOperators(() => verifyDirectory(directory, onStep));
}

/** Refuses at once what `restore` would refuse after its work. */
export function refuseUsedDirectory(directory: string): Promise<void> {
  return forOperators(() => refuseUsed(directory));
}

/** Makes the directory where there is none. Of a backup that was verified. */
export function restore(file: string, directory: string, onStep: OnStep): Promise<void> {
  return forOperators(async () => {
    refuseUsed(directory);
    await makeDataDirectory(directory);
    restoreBackup(file, directory, onStep);
  });
}

/** Turns what the operator can put right into an `OperatorError`. */
export async function forOperators<Result>(act: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof BackupError || error instanceof DataDirectoryError)) throw error;
    throw new OperatorError(error.message, { cause: error });
  }
}

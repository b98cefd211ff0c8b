/** Backs up the database of a stopped engine, which is left as it is. */
import { existsSync } from 'node:fs';
import type { BackupOrder, BackupReport } from './backup.ts';
import { type BackupWatch, backUp } from './backup-client.ts';
import { BackupError } from './backup-error.ts';
import { SQLITE } from './constants.ts';
import { watchTraces } from './inspection.ts';
import { DirectoryLock } from './lock.ts';
import { databaseFile, refuseEmpty } from './schema.ts';

/** No engine can be opened on the directory meanwhile. Rejects with a `BackupError` or a `DataDirectoryError`. */
export async function backUpStopped(
  order: Omit<BackupOrder, 'diskFreeBytesMin'>,
  watch: BackupWatch,
): Promise<BackupReport> {
  const file = databaseFile(order.directory);
  if (!existsSync(file)) throw new BackupError(`there is no Freehold database in ${order.directory}`);
  const lock = DirectoryLock.acquire(order.directory);
  const removeTraces = watchTraces(file);
  try {
    refuseEmpty(file);
    return await backUp({ order: { ...order, diskFreeBytesMin: SQLITE.backupFreeBytesMin }, rests: false }, watch);
  } finally {
    removeTraces();
    lock.release();
  }
}

/** `freehold restore`: verifies a backup, and makes a data directory of it. */
import { resolve } from 'node:path';
import type { RestoreConfig } from '../config/backup.ts';
import { refuseUsedDirectory, restore as restoreDirectory, verifyFile } from '../database-backup.ts';
import { OperatorError } from '../operator-error.ts';
import { writeResult } from '../standard-output.ts';
import { BackupBar } from './backup-progress.ts';
import { madeText } from './verify.ts';

export async function restore({ dataDirectory, file: given, json }: RestoreConfig): Promise<void> {
  const [directory, file] = [resolve(dataDirectory), resolve(given)];
  await refuseUsedDirectory(directory);
  const bar = new BackupBar('restoring');
  try {
    const found = await verifyFile(file, bar.report);
    if (found.faults.length > 0) {
      throw new OperatorError(`${file} is not whole, and nothing was restored: ${found.faults.join('; ')}`);
    }
    await restoreDirectory(file, directory, bar.report);
    bar.end();
    if (json) await writeResult(`${JSON.stringify({ directory, ...found }, undefined, 2)}\n`);
    else process.stderr.write(`Restored ${madeText(found)} into ${directory}.\n${nextText(directory)}\n`);
  } catch (error) {
    bar.stop();
    throw error;
  }
}

function nextText(directory: string): string {
  return `Its tokens are those of the backup. Start it with: freehold serve --data ${directory}`;
}

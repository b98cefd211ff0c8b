/**
 * Entry of the process that makes a backup of an engine at work. It is no thread, because a thread cannot be stopped
 * while SQLite checks a file, nor given less of the processors than others.
 */
import { statSync } from 'node:fs';
import { setPriority } from 'node:os';
import { type BackupProgress, backupFault, makeBackup } from './backup.ts';
import type { BackupMessage, BackupTask } from './backup-client.ts';
import { SQLITE } from './constants.ts';
import { logFile } from './schema.ts';

const parent = process.ppid;

async function run({ order, rests }: BackupTask): Promise<void> {
  yieldToOthers();
  const rest = resting(order.directory);
  try {
    const report = await makeBackup(order, progress => {
      // Its death is not told while this process is at work.
      if (process.ppid !== parent) throw new Error('the server has ended');
      post({ kind: 'progress', progress });
      if (rests) rest(progress);
    });
    post({ kind: 'done', report });
  } catch (error) {
    post({ kind: 'failed', message: backupFault(error) });
  }
  process.disconnect();
}

function yieldToOthers(): void {
  try {
    setPriority(SQLITE.backupNiceness);
  } catch {
    // Some sandboxes forbid it.
  }
}

/** After each step, for as long as it took; but not while the log that waits for the copy has grown long. */
function resting(directory: string): (progress: BackupProgress) => void {
  const nobody = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  let since = performance.now();
  return ({ phase }) => {
    const log = phase === 'copying' ? (statSync(logFile(directory), { throwIfNoEntry: false })?.size ?? 0) : 0;
    if (log < SQLITE.backupHurryLogBytes)
      Atomics.wait(nobody, 0, 0, Math.min(performance.now() - since, SQLITE.backupRestMsMax));
    since = performance.now();
  };
}

function post(message: BackupMessage): void {
  process.send?.(message);
}

process.once('message', (task: BackupTask) => void run(task));

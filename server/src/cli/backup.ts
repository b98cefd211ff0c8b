/** `freehold backup`: through the admin socket where a server runs, of its stopped data directory otherwise. */
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { askServer } from '../admin/client.ts';
import { backupName } from '../backup/backup-name.ts';
import type { BackupStatus } from '../backup/backups.ts';
import type { BackupSchedule } from '../backup/schedule.ts';
import type { BackupConfig } from '../config/backup.ts';
import { type BackupReport, backUpDirectory } from '../database-backup.ts';
import { interruptible } from '../interruption.ts';
import { isoTime } from '../kv/times.ts';
import { OperatorError } from '../operator-error.ts';
import { writeResult } from '../standard-output.ts';
import { systemClock } from '../system-clock.ts';
import { version } from '../version.ts';
import { BackupBar } from './backup-progress.ts';

export function backup({ dataDirectory, json, order }: BackupConfig): Promise<void> {
  const directory = resolve(dataDirectory);
  switch (order.kind) {
    case 'once':
      return makeOnce(directory, resolve(order.file), json);
    case 'named':
      return makeOnce(directory, join(resolve(order.to), backupName(systemClock())), json);
    case 'schedule': {
      const { everySeconds, keep, to } = order;
      return setSchedule(directory, { everySeconds, keep, to: resolve(to) }, json);
    }
    case 'never':
      return setSchedule(directory, undefined, json);
  }
}

function makeOnce(directory: string, file: string, json: boolean): Promise<void> {
  return interruptible(signal => obey({ directory, file, json, signal }));
}

interface Order {
  readonly directory: string;
  readonly file: string;
  readonly json: boolean;
  readonly signal: AbortSignal;
}

async function obey({ json, ...order }: Order): Promise<void> {
  const { file } = order;
  const bar = new BackupBar('copying');
  try {
    const report = (await throughServer(order, bar)) ?? (await ofStopped(order, bar));
    bar.end();
    if (json) await writeResult(`${JSON.stringify(report, undefined, 2)}\n`);
    else process.stderr.write(`Made the backup ${file}: ${contentsText(report)}.\n`);
  } catch (error) {
    bar.stop();
    throw error;
  }
}

export function contentsText({
  pairs,
  namespaces,
  madeAt,
}: Pick<BackupReport, 'pairs' | 'namespaces' | 'madeAt'>): string {
  const [pairCount, namespaceCount] = [pairs, namespaces].map(count => count.toLocaleString('en-GB'));
  const [pairWord, namespaceWord] = [pairs === 1 ? 'pair' : 'pairs', namespaces === 1 ? 'namespace' : 'namespaces'];
  return `${pairCount} ${pairWord} in ${namespaceCount} ${namespaceWord}, as they were at ${isoTime(madeAt)}`;
}

const LOOK_MS = 200;

/** Undefined where no server runs. */
async function throughServer(
  { directory, file, signal }: Omit<Order, 'json'>,
  bar: BackupBar,
): Promise<BackupReport | undefined> {
  const made = askServer(directory, 'POST /backup', { file });
  const ended = made.then(
    () => true,
    () => true,
  );
  const cancel = () => void askServer(directory, 'POST /backup/cancel').catch(() => {});
  signal.addEventListener('abort', cancel);
  try {
    while (!(await Promise.race([ended, setTimeout(LOOK_MS, false)]))) {
      const running = (await askServer(directory, 'GET /backup').catch(() => undefined))?.running;
      if (running?.file === file) bar.report(running);
    }
    return await made;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

function ofStopped({ directory, file, signal }: Omit<Order, 'json'>, bar: BackupBar): Promise<BackupReport> {
  const watch = { onProgress: bar.report, signal };
  return backUpDirectory({ directory, target: file, version, now: systemClock() }, watch);
}

async function setSchedule(directory: string, schedule: BackupSchedule | undefined, json: boolean): Promise<void> {
  const status = await askServer(directory, 'POST /backup/schedule', { ...(schedule && { schedule }) });
  if (status === undefined) throw new OperatorError(`no server runs on ${directory}: start it to set its schedule`);
  if (json) await writeResult(`${JSON.stringify(status, undefined, 2)}\n`);
  else process.stderr.write(`${scheduleText(status)}\n`);
}

function scheduleText({ schedule }: BackupStatus): string {
  if (schedule === undefined) return 'The server makes no more backups by itself.';
  const { everySeconds, keep, to, nextAt } = schedule;
  const often = `every ${everySeconds.toLocaleString('en-GB')} seconds`;
  const next = nextAt <= systemClock() ? 'now' : `at ${isoTime(nextAt)}`;
  return `The server makes a backup in ${to} ${often} and keeps ${keep}. The next is made ${next}.`;
}

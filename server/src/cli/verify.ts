/** `freehold verify`: whether a backup, or the database of a stopped server, is whole. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { VerifyConfig } from '../config/backup.ts';
import { type Verification, verifyFile, verifyStopped } from '../database-backup.ts';
import { isoTime } from '../kv/times.ts';
import { OperatorError } from '../operator-error.ts';
import { shown } from '../shown.ts';
import { writeResult } from '../standard-output.ts';
import { BackupBar } from './backup-progress.ts';

/** The exit code is 1 where something is wrong. */
export async function verify({ path: given, json }: VerifyConfig): Promise<void> {
  const path = resolve(given);
  const found = await look(path);
  if (json) await writeResult(`${JSON.stringify(found, undefined, 2)}\n`);
  else await writeResult(report(found));
  if (found.faults.length > 0) throw new OperatorError(`${path} is not whole: ${found.faults.join('; ')}`);
}

async function look(path: string): Promise<Verification> {
  const bar = new BackupBar('copying');
  try {
    const found = await (statSync(path).isDirectory() ? verifyStopped : verifyFile)(path, bar.report);
    bar.end();
    return found;
  } catch (error) {
    bar.stop();
    throw error;
  }
}

function report(found: Verification): string {
  const lines = found.namespaces.map(({ account, id, title, pairs, sha256 }) => {
    return `${account} ${id} ${sha256} ${pairs.toLocaleString('en-GB')} pairs, ${shown(title)}`;
  });
  const whole = found.faults.length === 0 ? [`Whole: ${madeText(found)}, layout ${found.layout}.`] : [];
  return [...lines, ...whole, ''].join('\n');
}

export function madeText({ pairs, namespaces, madeAt, madeBy }: Verification): string {
  const of = `${pairs.toLocaleString('en-GB')} pairs in ${namespaces.length.toLocaleString('en-GB')} namespaces`;
  return madeAt === undefined ? of : `${of}, as they were at ${isoTime(madeAt)}, backed up by Freehold ${madeBy}`;
}

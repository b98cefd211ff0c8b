/** When the server makes backups by itself, where and how many it keeps: a small file in the data directory. */
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { OperatorError } from '../operator-error.ts';
import { syncDirectory } from '../sync-directory.ts';

export interface BackupSchedule {
  readonly everySeconds: number;
  /** How many are kept; at least one. */
  readonly keep: number;
  /** An absolute path of a directory. */
  readonly to: string;
}

const NAME = 'backup-schedule.json';

/** Undefined where none is set. Throws an `OperatorError` where the file does not hold one. */
export async function readSchedule(dataDirectory: string): Promise<BackupSchedule | undefined> {
  const file = join(dataDirectory, NAME);
  const text = await readFile(file, 'utf8').catch(error => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new OperatorError(`the schedule of backups cannot be read: ${(error as Error).message}`, { cause: error });
  });
  if (text === undefined) return undefined;
  const schedule = parse(text);
  if (schedule !== undefined) return schedule;
  throw new OperatorError(`${file} is no schedule of backups: set one by freehold backup --every`);
}

function parse(text: string): BackupSchedule | undefined {
  try {
    return decodeSchedule(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Undefined for what is none. */
export function decodeSchedule(value: unknown): BackupSchedule | undefined {
  const { everySeconds, keep, to } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (!isCount(everySeconds) || !isCount(keep) || typeof to !== 'string' || to === '') return undefined;
  return { everySeconds, keep, to };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1;
}

/** Durably, and whole or not at all. */
export async function writeSchedule(dataDirectory: string, schedule: BackupSchedule | undefined): Promise<void> {
  const path = join(dataDirectory, NAME);
  const draft = `${path}.new`;
  await rm(draft, { force: true });
  if (schedule === undefined) {
    await rm(path, { force: true });
  } else {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(schedule)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  }
  await syncDirectory(dataDirectory);
}

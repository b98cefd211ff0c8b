/** Opens the engine of a data directory, and words what can go wrong there for whoever runs the server. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { DataDirectoryError } from './engine/sqlite/data-directory-error.ts';
import { openSqliteEngine, type SharedEngine } from './engine/sqlite/engine.ts';
import { databaseFile } from './engine/sqlite/schema.ts';
import type { Clock, Engine } from './kv/engine.ts';
import { OperatorError } from './operator-error.ts';
import { syncDirectory } from './sync-directory.ts';

export type { SharedEngine } from './engine/sqlite/engine.ts';
export { joinSqliteEngine as joinEngine } from './engine/sqlite/engine.ts';
export type { EngineShare } from './engine/sqlite/messages.ts';

interface EngineOptions {
  readonly clock: Clock;
  /** Of `startEngineThread`. */
  readonly thread?: Worker;
  readonly diskFreeBytesMin?: number;
  /** How many other threads take part, by `joinEngine`. */
  readonly sharers?: number;
  readonly onFatal: (error: Error) => void;
}

/** Makes the directory durably, and for its owner only. One that is there already keeps its mode. */
export async function makeDataDirectory(directory: string): Promise<void> {
  try {
    const topmost = await mkdir(directory, { recursive: true, mode: 0o700 });
    if (topmost === undefined) return;
    for (let made = directory; made.length >= topmost.length; made = dirname(made)) await syncDirectory(dirname(made));
  } catch (error) {
    throw unusable(directory, await plainReason(directory, error));
  }
}

/** Node's recursive `mkdir` finds no such directory also where a file system can only be read. */
function plainReason(directory: string, error: unknown): Promise<unknown> {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return Promise.resolve(error);
  return mkdir(directory, { mode: 0o700 }).then(
    () => error,
    plain => plain,
  );
}

/** Throws an `OperatorError` also where another server has the directory open. */
export async function openEngine(directory: string, options: EngineOptions): Promise<SharedEngine> {
  try {
    return await openSqliteEngine({ directory, ...options });
  } catch (error) {
    throw unusable(directory, error);
  }
}

/** The same for a directory that a server has used before: makes nothing where there is no database. */
export function openExistingEngine(directory: string, options: EngineOptions): Promise<Engine> {
  if (existsSync(databaseFile(directory))) return openEngine(directory, options);
  const message = `there is no Freehold database in ${directory}; name the server's data directory with --data`;
  return Promise.reject(new OperatorError(message));
}

function unusable(directory: string, error: unknown): unknown {
  if (error instanceof DataDirectoryError) return new OperatorError(error.message, { cause: error });
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return error;
  return new OperatorError(`cannot use the data directory ${directory}: ${message}`, { cause: error });
}

/** What an error of the writer's connection means, and its form on the way between threads. */
import Database from 'better-sqlite3';
import { EngineError } from '../../kv/engine.ts';
import type { Failure } from './messages.ts';

/** Errors that a request brings upon itself, and that leave the connection as it was. */
const DEFECTS = /^SQLITE_(CONSTRAINT|MISMATCH|RANGE|TOOBIG)/;

/** The refusal where the file or the disk cannot take a transaction now but may later; it was rolled back. */
export function refusalOf(error: unknown): Failure | undefined {
  if (isDiskFull(error)) return { reason: 'storageFull', message: 'the disk is full' };
  if (sqliteCode(error)?.startsWith('SQLITE_BUSY')) {
    return { reason: 'unavailable', message: 'another process has locked the database' };
  }
  return undefined;
}

export function isDiskFull(error: unknown): boolean {
  return sqliteCode(error) === 'SQLITE_FULL';
}

/** Completes advice where SQLite does not tell why it cannot open a file. */
export function orFileLimit(error: unknown): string {
  return messageOf(error).includes('unable to open') ? ', and that the process may open more files (ulimit -n)' : '';
}

/** Whether the connection cannot be trusted any more: a later commit could sit behind a lost one. */
export function isFatal(error: unknown): boolean {
  const code = sqliteCode(error);
  return code !== undefined && !DEFECTS.test(code) && refusalOf(error) === undefined;
}

export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = sqliteCode(error);
  return code === undefined ? error.message : `${code}: ${error.message}`;
}

export function errorFromFailure({ reason, message }: Failure): Error {
  return reason === undefined ? new Error(message) : new EngineError(reason, message);
}

function sqliteCode(error: unknown): string | undefined {
  return error instanceof Database.SqliteError ? error.code : undefined;
}

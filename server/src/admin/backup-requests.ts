/** What `freehold backup` asks the running server for. */
import { isAbsolute } from 'node:path';
import { type BackupSchedule, decodeSchedule } from '../backup/schedule.ts';
import { AdminRequestError } from './request-error.ts';

export interface BackupRequest {
  /** Absolute. */
  readonly file: string;
}

export interface ScheduleRequest {
  /** Absent: none. */
  readonly schedule?: BackupSchedule;
}

/** Throws an `AdminRequestError` that names the member. */
export function decodeBackupRequest(body: unknown): BackupRequest {
  const { file } = (body ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof file !== 'string' || !isAbsolute(file)) throw new AdminRequestError('the member file is missing or wrong');
  return { file };
}

/** Throws an `AdminRequestError` that names the member. */
export function decodeScheduleRequest(body: unknown): ScheduleRequest {
  const { schedule } = (body ?? {}) as Readonly<Record<string, unknown>>;
  if (schedule === undefined) return {};
  const decoded = decodeSchedule(schedule);
  if (decoded === undefined || !isAbsolute(decoded.to)) throw new AdminRequestError('the member schedule is wrong');
  return { schedule: decoded };
}

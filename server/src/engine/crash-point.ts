/**
 * Places where a fault test ends the process as SIGKILL would at that very instant. `FREEHOLD_CRASH_POINT` names one,
 * and after a colon how often it is to be reached; without the variable they do nothing.
 */
export const CRASH_POINTS = [
  /** The directory is locked; nothing of the database was looked at. */
  'after-lock',
  /** The first database is whole, but under another name. */
  'before-first-rename',
  /** The first database has its name; that there is one was not noted yet. */
  'after-first-rename',
  /** A step of bringing the database to this layout is done, and not committed. */
  'after-migration-step',
  /** The start has emptied the log, and brought the database to this layout. */
  'after-recovery',
  /** The writer has taken requests, and done nothing about them. */
  'after-receipt',
  'before-commit',
  /** Durable, and nobody knows. */
  'before-reply',
  'after-reply',
  'before-maintenance-commit',
  'before-checkpoint',
  'after-checkpoint',
] as const;

export type CrashPoint = (typeof CRASH_POINTS)[number];

const [WANTED, COUNT = '1'] = (process.env['FREEHOLD_CRASH_POINT'] ?? '').split(':');

let leftToReach = Number(COUNT);

/** Each thread counts for itself. */
export function crashPoint(point: CrashPoint): void {
  if (point !== WANTED) return;
  leftToReach -= 1;
  if (leftToReach === 0) process.kill(process.pid, 'SIGKILL');
}

/** The backups that the server makes by itself. */
import { type KeptBackup, keptBackups } from '../backup/kept-backups.ts';
import { readSchedule } from '../backup/schedule.ts';
import { isoTime } from '../kv/times.ts';
import { type Finding, ok, skipped, warning } from './finding.ts';
import type { Site } from './site.ts';

/** In intervals: so long after the last backup the next is late. */
const LATE = 2;

export async function checkBackups(site: Site): Promise<Finding> {
  const { directory, clock, server } = site;
  const failure = server?.backups?.failure;
  if (failure !== undefined) {
    return warning(
      `the last one failed at ${isoTime(failure.at)}: ${failure.message}`,
      'put that right; the server tries again by itself if it has a schedule',
    );
  }
  const schedule = await readSchedule(directory);
  if (schedule === undefined) return skipped('no schedule is set: freehold backup --every 6h --to DIR sets one');
  const [newest]: readonly KeptBackup[] = await keptBackups(schedule.to, clock());
  const advice =
    server === undefined ? 'start the server, which makes one soon' : 'look for "backup" in the log of the server';
  if (newest === undefined) return warning(`there is none in ${schedule.to} yet`, advice);
  const age = clock() - newest.at;
  const text = `the last one in ${schedule.to} is of ${isoTime(newest.at)}`;
  if (age <= LATE * schedule.everySeconds) return ok(text);
  return warning(`${text}, more than ${LATE} intervals ago`, advice);
}

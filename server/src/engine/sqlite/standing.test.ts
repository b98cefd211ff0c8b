import { closeSync, ftruncateSync, openSync } from 'node:fs';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../conformance/temporary-directory.ts';
import { SQLITE } from './constants.ts';
import { newWriterFigures, WriterFigures } from './figures.ts';
import { logFile, prepareDatabase } from './schema.ts';
import { Standing } from './standing.ts';

const BOUND = 1_000_000;

/** Of a database with a log of so many bytes. */
function standing(logBytes: number) {
  const directory = temporaryDirectory();
  prepareDatabase(directory);
  const log = openSync(logFile(directory), 'w');
  ftruncateSync(log, logBytes);
  closeSync(log);
  const figures = newWriterFigures(100);
  const time = { now: 100 };
  const options = { directory, diskFreeBytesMin: 1, clock: () => time.now, figures, logReadyBytesMax: BOUND };
  return { standing: new Standing(options), writer: new WriterFigures(figures), time };
}

it('is ready up to the bound of the log, and not past it', () => {
  expect(standing(BOUND).standing.check()).toEqual([{ name: 'disk' }, { name: 'log' }]);
  const reason = `the log has ${BOUND + 1} bytes, over its bound of ${BOUND}`;
  expect(standing(BOUND + 1).standing.check()).toEqual([{ name: 'disk' }, { name: 'log', reason }]);
});

it('takes what lies in the log only for space that is used already, as the writer does', () => {
  const { standing: stands, writer } = standing(0);
  const free = stands.figures().local?.diskFreeBytes ?? 0;
  // Other than a little more than is free, as the disk is not this test's alone.
  writer.logStands({ uncopiedBytes: 2 * free + 1e15, loggedBytes: 0, heldBytes: 0 });
  const [disk] = stands.check();
  expect(disk).toEqual({ name: 'disk', reason: expect.stringMatching(/^free disk space is -\d+ bytes, under/) });
  writer.logStands({ uncopiedBytes: 0, loggedBytes: 0, heldBytes: 0 });
  expect(stands.check()).toEqual([{ name: 'disk' }, { name: 'log' }]);
});

it('is ready past it by what the log has grown for a backup', () => {
  const { standing: stands, writer } = standing(BOUND + 1_000);
  writer.logStands({ uncopiedBytes: 0, loggedBytes: 0, heldBytes: 1_000 });
  expect(stands.check()).toEqual([{ name: 'disk' }, { name: 'log' }]);
  writer.logStands({ uncopiedBytes: 0, loggedBytes: 0, heldBytes: 999 });
  expect(stands.check()).toMatchObject([{ name: 'disk' }, { name: 'log', reason: expect.any(String) }]);
});

it('reports the sizes of database and log, and the space on the disk', () => {
  const { local } = standing(12_345).standing.figures();
  expect(local).toMatchObject({ logBytes: 12_345, diskFreeBytesMin: 1 });
  expect(local?.databaseBytes).toBeGreaterThanOrEqual(SQLITE.pageBytes);
  expect(local?.diskFreeBytes).toBeGreaterThan(1);
});

it('tells how long the oldest commit has waited for the database', () => {
  const { standing: stands, writer, time } = standing(0);
  const age = () => stands.figures().local?.logAgeSeconds;
  expect(age()).toBe(0);
  writer.tick(110);
  writer.logStands({ uncopiedBytes: 1, loggedBytes: 0, heldBytes: 0 });
  time.now = 150;
  writer.tick(150);
  writer.logStands({ uncopiedBytes: 2, loggedBytes: 0, heldBytes: 0 });
  expect(age()).toBe(40);
  time.now = 100;
  expect(age()).toBe(0);
  writer.logStands({ uncopiedBytes: 0, loggedBytes: 0, heldBytes: 0 });
  time.now = 160;
  expect(age()).toBe(0);
});

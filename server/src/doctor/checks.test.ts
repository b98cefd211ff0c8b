import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { backupName } from '../backup/backup-name.ts';
import { writeSchedule } from '../backup/schedule.ts';
import { checkBackups } from './backups.ts';
import { judgeFileSystem } from './disk.ts';
import { checkVersions } from './server.ts';
import type { Site } from './site.ts';
import { checkClock, checkFiles } from './system.ts';

function site(rest: Partial<Site> = {}): Site {
  const directory = mkdtempSync(join(tmpdir(), 'freehold-doctor-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const inspect = () => expect.unreachable('there is no database');
  return { directory, clock: () => 1_800_000_000, server: undefined, unasked: undefined, inspect, ...rest };
}

const SERVER = { version: '0.0.1', pid: 1, urls: [], checks: [] };

it('knows file systems that are no place for a database, by numbers with and without a sign', () => {
  for (const type of [0x6969, 0x517b, 0xff534d42, 0xff534d42 | 0, 0xfe534d42, 0x01021997, 0x00c36400]) {
    expect(judgeFileSystem(type)).toMatchObject({ level: 'problem', advice: expect.stringContaining('local disk') });
  }
  expect(judgeFileSystem(0x01021994)).toMatchObject({ level: 'problem' });
  for (const type of [0x794c7630, 0x65735546]) expect(judgeFileSystem(type)).toMatchObject({ level: 'warning' });
  // ext4, XFS, Btrfs, ZFS
  for (const type of [0xef53, 0x58465342, 0x9123683e, 0x2fc12fc1]) expect(judgeFileSystem(type).level).toBe('ok');
});

it.each([0, 1_700_000_000, 5_000_000_000])('believes no clock that says %i', now => {
  expect(checkClock(site({ clock: () => now }))).toMatchObject({ level: 'problem' });
});

it('tells of a server that runs another release than is installed', () => {
  const finding = checkVersions(site({ server: SERVER }));
  expect(finding).toMatchObject({ level: 'warning', advice: 'restart the server to run this release' });
});

describe('of backups', () => {
  const NOW = 1_800_000_000;
  const schedule = (directory: string, to: string) => writeSchedule(directory, { everySeconds: 3_600, keep: 2, to });

  it('says nothing where no schedule is set', async () => {
    expect(await checkBackups(site())).toMatchObject({ level: 'skipped' });
  });

  it.each([
    [undefined, 'warning', /there is none in .* yet/],
    [NOW - 7_200, 'ok', /is of 2027-01-15T06:00:00Z$/],
    [NOW - 7_201, 'warning', /is of 2027-01-15T05:59:59Z, more than 2 intervals ago$/],
  ])('where the last is of %s, tells a level of %s', async (at, level, text) => {
    const here = site();
    await schedule(here.directory, here.directory);
    if (at !== undefined) writeFileSync(join(here.directory, backupName(at)), '');
    expect(await checkBackups(here)).toMatchObject({ level, text: expect.stringMatching(text) });
  });

  it('warns of one that failed', async () => {
    const server = { ...SERVER, backups: { failure: { at: NOW, message: 'no space' } } };
    const text = 'the last one failed at 2027-01-15T08:00:00Z: no space';
    expect(await checkBackups(site({ server }))).toMatchObject({ level: 'warning', text });
  });
});

it('goes by the file limit of the server, where one runs', () => {
  expect(checkFiles(site({ server: { ...SERVER, filesMax: 100 } }))).toMatchObject({ level: 'problem' });
  expect(checkFiles(site({ server: { ...SERVER, filesMax: 100_000 } }))).toMatchObject({ level: 'ok' });
  expect(checkFiles(site({ server: SERVER }))).toMatchObject({ level: 'skipped' });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
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

it('goes by the file limit of the server, where one runs', () => {
  expect(checkFiles(site({ server: { ...SERVER, filesMax: 100 } }))).toMatchObject({ level: 'problem' });
  expect(checkFiles(site({ server: { ...SERVER, filesMax: 100_000 } }))).toMatchObject({ level: 'ok' });
  expect(checkFiles(site({ server: SERVER }))).toMatchObject({ level: 'skipped' });
});

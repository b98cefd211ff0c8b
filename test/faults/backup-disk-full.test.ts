/**
 * The disk that a backup is written to has too little room, or runs full on the way.
 *
 * It fails where `copy` in `engine/sqlite/backup.ts` does not claim its space, and where `makeBackup` leaves its draft.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { begin, freehold, serveInGroup, temporaryDirectory } from '../../server/src/cli/process.fixture.ts';
import { Namespace } from './namespace.fixture.ts';
import { SmallDisk } from './small-disk.fixture.ts';

const TOKEN = 'token-that-the-tests-give';
const ID = '00000000000000000000000000000002';
const VALUE = { value: 'large '.repeat(2_500_000), metadata: null };
const DISK_BYTES = 134_217_728;

test('a backup is refused or given up where there is no room, and works when there is', async () => {
  const [data, disk] = [await temporaryDirectory(), await SmallDisk.mount(DISK_BYTES)];
  const argv = ['--data', data, '--disk-free-min', '0'];
  const server = await serveInGroup(argv, { FREEHOLD_TOKEN: TOKEN }, disk.wrapper);
  const namespace = new Namespace({ url: server.url, token: TOKEN }, ID);
  await namespace.create('title');
  for (let number = 0; number < 5; number++) await namespace.put(`key ${number}`, VALUE);
  const file = join(disk.directory, 'backup.db');
  const command = ['backup', file, '--data', data];
  const before = disk.freeBytes;

  await disk.fill(40_000_000);
  const refused = await freehold(command);
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringMatching(/has \d+ bytes free, where \d+ are needed/),
  ]);
  await disk.clear();
  expect(disk.freeBytes).toBe(before);

  const running = begin(command);
  const partial = `${disk.seen}/backup.db.partial`;
  while ((statSync(partial, { throwIfNoEntry: false })?.size ?? 0) < 4_000_000) await setTimeout(1);
  await disk.fill(0);
  const { code, stderr } = await running.finished;
  expect([code, stderr]).toEqual([1, expect.stringMatching(/there is no space left for|bytes free, where/)]);
  expect(statSync(partial, { throwIfNoEntry: false })).toBeUndefined();
  await namespace.put('key 0', VALUE);

  await disk.clear();
  expect(disk.freeBytes).toBe(before);
  expect(await freehold(command)).toMatchObject({ code: 0 });
  expect((await server.end('SIGTERM')).code).toBe(0);
});

/**
 * SIGKILL while a start makes the first database, or brings one to this release's layout: the next start goes on from
 * what it finds.
 *
 * It fails where `createDatabase` of `schema.ts` makes the database under its real name, and where `migrate` commits
 * each step by itself.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { failToServe, serveInGroup, temporaryDirectory } from '../../server/src/cli/process.fixture.ts';
import type { CrashPoint } from '../../server/src/engine/crash-point.ts';
import { openForReading } from '../../server/src/engine/sqlite/connection.ts';
import { SQLITE } from '../../server/src/engine/sqlite/constants.ts';
import { makeOldDatabase, OLD_LAYOUTS } from '../../server/src/engine/sqlite/layouts.fixture.ts';
import { databaseFile } from '../../server/src/engine/sqlite/schema.ts';
import { Namespace } from './namespace.fixture.ts';

const TOKEN = 'token-that-the-tests-give';
const ID = '00000000000000000000000000000002';

async function dieAt(data: string, point: CrashPoint, count = 1): Promise<void> {
  const environment = { FREEHOLD_TOKEN: TOKEN, FREEHOLD_CRASH_POINT: `${point}:${count}` };
  expect((await failToServe(['--data', data], environment)).signal).toBe('SIGKILL');
}

test.each<CrashPoint>(['before-first-rename', 'after-first-rename'])('%s', async point => {
  const data = join(await temporaryDirectory(), 'data');
  await mkdir(data, { mode: 0o700 });
  for (let start = 0; start < 2; start++) {
    await dieAt(data, point);
    if (point === 'after-first-rename') break;
  }
  const server = await serveInGroup(['--data', data], { FREEHOLD_TOKEN: TOKEN });
  const namespace = new Namespace({ url: server.url, token: TOKEN }, ID);
  await namespace.create('one');
  await namespace.put('key', { value: 'value', metadata: null });
  expect(await namespace.get('key')).toBe('value');
  await server.end('SIGTERM');
});

test.each(OLD_LAYOUTS)('after-migration-step: from layout $version all of the steps or none', async old => {
  const data = await temporaryDirectory();
  makeOldDatabase(data, old);
  for (let step = 1; step <= SQLITE.schemaVersion - old.version; step++) {
    await dieAt(data, 'after-migration-step', step);
    expect(layoutOf(data)).toBe(old.version);
  }
  const server = await serveInGroup(['--data', data], { FREEHOLD_TOKEN: TOKEN });
  await server.end('SIGTERM');
  expect(layoutOf(data)).toBe(SQLITE.schemaVersion);
});

function layoutOf(data: string): unknown {
  const database = openForReading(databaseFile(data));
  const layout = database.pragma('user_version', { simple: true });
  database.close();
  return layout;
}

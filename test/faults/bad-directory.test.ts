/**
 * Data directories that a server must not start on: each is refused in one line that says what to do, and left as it
 * was, so that nothing takes the place of what was lost.
 *
 * It fails without the checks in `prepareDatabase` of `schema.ts` and in `DirectoryLock` of `lock.ts`, and without the
 * note that the latter keeps.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { failToServe, serveInGroup, temporaryDirectory } from '../../server/src/cli/process.fixture.ts';
import { openForWriting } from '../../server/src/engine/sqlite/connection.ts';
import { SQLITE } from '../../server/src/engine/sqlite/constants.ts';
import { Namespace } from './namespace.fixture.ts';

const TOKEN = 'token-that-the-tests-give';
const ID = '00000000000000000000000000000002';

type End = 'SIGTERM' | 'SIGKILL';

/** By the end of their server: the files of a data directory. */
const used = new Map<End, Map<string, Buffer>>();

/** The data directory of a server that has ended so, with a pair in it. */
async function usedDirectory(end: End): Promise<string> {
  const files = used.get(end) ?? (await useDirectory(end));
  used.set(end, files);
  const data = await temporaryDirectory();
  for (const [name, bytes] of files) writeFileSync(join(data, name), bytes);
  return data;
}

async function useDirectory(end: End): Promise<Map<string, Buffer>> {
  const data = await temporaryDirectory();
  const server = await serveInGroup(['--data', data], { FREEHOLD_TOKEN: TOKEN });
  const namespace = new Namespace({ url: server.url, token: TOKEN }, ID);
  await namespace.create('title');
  await namespace.put('key', { value: 'value', metadata: null });
  await server.end(end);
  const names = readdirSync(data).filter(name => /^(freehold|lock)\.db/.test(name));
  return new Map(names.map(name => [name, readFileSync(join(data, name))]));
}

/** What each file of the database holds. */
function contents(data: string): Record<string, string> {
  const names = readdirSync(data).filter(
    name => /^freehold\.db(-wal)?$/.test(name) && statSync(join(data, name)).size > 0,
  );
  const hash = (name: string) =>
    createHash('sha256')
      .update(readFileSync(join(data, name)))
      .digest('hex');
  return Object.fromEntries(names.map(name => [name, hash(name)]));
}

async function expectRefusal(data: string, message: RegExp, wrapper: readonly string[] = []): Promise<void> {
  const { code, stdout, stderr } = await failToServe(['--data', data], { FREEHOLD_TOKEN: TOKEN }, wrapper);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^freehold: [^\n]+\n$/);
  expect(stderr).toMatch(message);
}

function overwrite(file: string, pages: readonly number[]): void {
  const bytes = readFileSync(file);
  for (const page of pages) bytes.fill(0xaa, page * SQLITE.pageBytes, (page + 1) * SQLITE.pageBytes);
  writeFileSync(file, bytes);
}

function setLayout(file: string): void {
  const database = openForWriting(file);
  database.pragma(`user_version = ${SQLITE.schemaVersion + 1}`);
  database.close();
}

describe.each(['SIGTERM', 'SIGKILL'] as const)('after an end by %s', end => {
  test.each([
    ['is gone', (file: string) => rmSync(file), /is missing.*Put (it|the database) back/],
    ['is empty', (file: string) => truncateSync(file, 0), /it is empty\. Restore a backup/],
    ['is cut within its first page', (file: string) => truncateSync(file, 1_000), /is not a whole Freehold database/],
    ['has lost its first page', (file: string) => overwrite(file, [0]), /is not a whole Freehold database/],
    ['is another file', (file: string) => writeFileSync(file, 'x'.repeat(100_000)), /is not a whole Freehold database/],
  ])('a database that %s is refused', async (_, damage, message) => {
    const data = await usedDirectory(end);
    const file = join(data, 'freehold.db');
    damage(file);
    const before = contents(data);
    await expectRefusal(data, message);
    expect(contents(data)).toEqual(before);
  });
});

test.each([
  ['is cut short', (file: string) => truncateSync(file, 3 * SQLITE.pageBytes), /Restore a backup/],
  ['is of a newer release', setLayout, /written by a newer Freehold.*Install that release/],
])('a database that %s is refused', async (_, damage, message) => {
  const data = await usedDirectory('SIGTERM');
  damage(join(data, 'freehold.db'));
  const before = contents(data);
  await expectRefusal(data, message);
  expect(contents(data)).toEqual(before);
});

describe('a place that cannot be written', () => {
  const READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"';

  function readOnly(path: string): string[] {
    return ['unshare', '--mount', 'sh', '-c', READ_ONLY, path];
  }

  test('a directory that is to be made in it', async () => {
    const parent = await temporaryDirectory();
    await expectRefusal(join(parent, 'data'), /cannot use the data directory .*EROFS/, readOnly(parent));
  });

  test('an empty directory', async () => {
    const data = await temporaryDirectory();
    await expectRefusal(data, /cannot be locked.*Check that it exists, is writable/, readOnly(data));
    expect(readdirSync(data)).toEqual([]);
  });

  test('a directory with a database', async () => {
    const data = await usedDirectory('SIGKILL');
    await expectRefusal(data, /freehold\.db cannot be opened: .*Check the disk and permissions/, readOnly(data));
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)('a database, in a directory that can, after an end by %s', async end => {
    const data = await usedDirectory(end);
    const file = join(data, 'freehold.db');
    await expectRefusal(data, /freehold\.db cannot be opened: .*Check the disk and permissions/, readOnly(file));
  });

  test('a file in place of the directory', async () => {
    const data = join(await temporaryDirectory(), 'data');
    await writeFile(data, 'contents');
    await expectRefusal(data, /cannot use the data directory .*EEXIST/);
    await expectRefusal(join(data, 'within'), /cannot use the data directory .*ENOTDIR/);
    expect(readFileSync(data, 'utf8')).toBe('contents');
  });

  test('a directory in place of the database', async () => {
    const data = await temporaryDirectory();
    await mkdir(join(data, 'freehold.db'));
    await expectRefusal(data, /freehold\.db cannot be opened/);
    expect(statSync(join(data, 'freehold.db')).isDirectory()).toBe(true);
  });
});

test('a server that may open too few files says so, and leaves what is there', async () => {
  const data = await usedDirectory('SIGKILL');
  const start = (files: number) => {
    return serveInGroup(['--data', data], { FREEHOLD_TOKEN: TOKEN }, ['prlimit', `--nofile=${files}`, '--']);
  };
  for (let files = 26; ; files += 2) {
    const served = await start(files).catch(String);
    if (typeof served === 'string') {
      expect(served).toMatch(/EMFILE|too many open files|ulimit -n/);
      continue;
    }
    expect(files).toBeGreaterThan(26);
    // It may have none left for a connection.
    await served.end('SIGKILL');
    break;
  }
  const { url } = await serveInGroup(['--data', data], { FREEHOLD_TOKEN: TOKEN });
  expect(await new Namespace({ url, token: TOKEN }, ID).get('key')).toBe('value');
});

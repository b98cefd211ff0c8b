import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { instantOfName } from '../backup/backup-name.ts';
import { begin, freehold, serve, temporaryDirectory } from './process.fixture.ts';

const TOKEN = 'token-that-the-tests-give';
const NAMESPACES = '/client/v4/accounts/00000000000000000000000000000001/storage/kv/namespaces';
const ID = '0123456789abcdef0123456789abcdef';

interface Call {
  readonly url: string;
  readonly method?: string;
  readonly path?: string;
  readonly body?: string;
}

async function call({ url, method = 'GET', path = '', body }: Call): Promise<string> {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const response = await fetch(url + NAMESPACES + path, { method, headers, ...(body !== undefined && { body }) });
  expect(response.status).toBe(200);
  return response.text();
}

async function serveWithPair(data: string) {
  const server = await serve(['--data', data], { FREEHOLD_TOKEN: TOKEN });
  await call({ url: server.url, method: 'POST', body: JSON.stringify({ id: ID, title: 'title' }) });
  await call({ url: server.url, method: 'PUT', path: `/${ID}/values/key`, body: 'value' });
  return server;
}

/** So much that a backup takes a while. */
async function putLarge(url: string): Promise<void> {
  for (let number = 0; number < 8; number++) {
    await call({ url, method: 'PUT', path: `/${ID}/values/large${number}`, body: 'x'.repeat(20_000_000) });
  }
}

test('a backup of a running server is verified, restored, and served with its tokens', async () => {
  const [data, elsewhere] = [await temporaryDirectory(), await temporaryDirectory()];
  const server = await serveWithPair(data);
  const file = join(elsewhere, 'backup.db');
  const made = await freehold(['backup', file, '--data', data]);
  expect(made).toMatchObject({ code: 0, stdout: '' });
  expect(made.stderr).toContain(`Made the backup ${file}: 1 pair in 1 namespace, as they were at 20`);
  expect(await freehold(['backup', file, '--data', data])).toMatchObject({
    code: 1,
    stderr: `freehold: ${file} is there already\n`,
  });
  await server.end('SIGTERM');

  const verified = await freehold(['verify', file]);
  expect(verified).toMatchObject({ code: 0 });
  expect(verified.stdout).toMatch(
    /^0{31}1 0123456789abcdef0123456789abcdef [0-9a-f]{64} 1 pairs, "title"\nWhole: 1 pairs/,
  );
  const ofDirectory = JSON.parse((await freehold(['verify', data, '--json'])).stdout);
  const ofFile = JSON.parse((await freehold(['verify', file, '--json'])).stdout);
  expect(ofDirectory.namespaces).toEqual(ofFile.namespaces);
  expect(ofFile).toMatchObject({ faults: [], pairs: 1, recordsSha256: ofDirectory.recordsSha256 });

  const restored = join(elsewhere, 'new', 'data');
  const done = await freehold(['restore', file, '--data', restored]);
  expect(done).toMatchObject({ code: 0, stdout: '' });
  expect(done.stderr).toContain(`Start it with: freehold serve --data ${restored}\n`);
  expect(await freehold(['restore', file, '--data', restored])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is not empty: there is freehold.db in it'),
  });
  // Without a token that is given: the one of the backup is good.
  const again = await serve(['--data', restored]);
  expect(await call({ url: again.url, path: `/${ID}/values/key` })).toBe('value');
});

test('a stopped data directory is backed up as it is', async () => {
  const data = await temporaryDirectory();
  const server = await serveWithPair(data);
  await server.end('SIGKILL');
  const before = readdirSync(data).toSorted();
  const to = await temporaryDirectory();
  const { code, stdout } = await freehold(['backup', '--to', to, '--data', data, '--json']);
  expect(code).toBe(0);
  expect(readdirSync(data).toSorted()).toEqual(before);
  const [name = ''] = readdirSync(to);
  expect(instantOfName(name)).toBeTypeOf('number');
  expect(JSON.parse(stdout)).toMatchObject({ file: join(to, name), pairs: 1, namespaces: 1 });
  expect(await freehold(['verify', join(to, name)])).toMatchObject({ code: 0 });
});

test('a schedule is set in the running server, seen by the doctor and the metrics, and ended', async () => {
  const data = await temporaryDirectory();
  const server = await serveWithPair(data);
  const to = await temporaryDirectory();
  const set = await freehold(['backup', '--every', '6h', '--keep', '3', '--to', to, '--data', data]);
  expect(set).toMatchObject({
    code: 0,
    stderr: `The server makes a backup in ${to} every 21,600 seconds and keeps 3. The next is made now.\n`,
  });
  await server.output(/"backup":.*"msg":"backup made"/);
  expect((await freehold(['doctor', '--data', data])).stdout).toContain(`the last one in ${to} is of 20`);
  const metrics = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } });
  const text = await metrics.text();
  expect(text).toContain('\nfreehold_backup_interval_seconds 21600\n');
  expect(text).toMatch(/\nfreehold_backup_last_success_timestamp_seconds [1-9]/);
  expect(await freehold(['backup', '--every', 'never', '--data', data])).toMatchObject({
    code: 0,
    stderr: 'The server makes no more backups by itself.\n',
  });
  expect(existsSync(join(data, 'backup-schedule.json'))).toBe(false);
  expect((await server.end('SIGTERM')).code).toBe(0);
  expect(await freehold(['backup', '--every', '6h', '--to', to, '--data', data])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no server runs on'),
  });
});

test.each(['running', 'stopped'])('Ctrl-C cancels the backup of a %s server, and leaves nothing', async state => {
  const data = await temporaryDirectory();
  const server = await serveWithPair(data);
  await putLarge(server.url);
  if (state === 'stopped') await server.end('SIGTERM');
  const before = readdirSync(data);
  const to = await temporaryDirectory();
  const command = begin(['backup', join(to, 'backup.db'), '--data', data]);
  await expect.poll(() => readdirSync(to), { timeout: 20_000, interval: 10 }).toEqual(['backup.db.partial']);
  command.kill('SIGINT');
  const { code, stderr } = await command.finished;
  // Where all was copied by then, that is told; of the end nothing is.
  expect({ code, stderr }).toEqual({ code: 130, stderr: expect.stringMatching(/^(?:copying: .*\n)?$/) });
  expect(readdirSync(to)).toEqual([]);
  expect(readdirSync(data)).toEqual(before);
});

test('the steps of docs/backup.md restore what was backed up', async () => {
  const [data, elsewhere] = [await temporaryDirectory(), await temporaryDirectory()];
  const server = await serveWithPair(data);
  const restored = join(elsewhere, 'restored');
  const page = readFileSync(new URL('../../../docs/backup.md', import.meta.url), 'utf8');
  const blocks = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block.trim().split('\n'));
  const [once = [], schedule = [], , steps = []] = blocks.map(lines =>
    lines.map(line => {
      const words = line.split(' ').slice(1);
      return words.map(word =>
        word
          .replace('/var/lib/freehold-restored', restored)
          .replace('/var/lib/freehold', data)
          .replace('/backups', elsewhere)
          .replace('20261123T220943Z', '20200101T000000Z'),
      );
    }),
  );
  const done: string[] = [];
  const run = async (argv: readonly string[]) => {
    const { code, stderr } = await freehold(argv, { FREEHOLD_DISK_FREE_MIN: '0' });
    expect([argv, code, stderr]).toEqual([argv, 0, stderr]);
    done.push(argv[0] ?? '');
  };
  for (const argv of [...once, ...schedule]) await run(argv);
  await server.output(/"msg":"backup made".*"msg":"backup made"/s);
  await server.end('SIGTERM');
  renameSync(join(elsewhere, 'monday.db'), join(elsewhere, 'freehold-20200101T000000Z.db'));
  for (const argv of steps.slice(0, -1)) await run(argv);
  const [command, ...flags] = steps.at(-1) ?? [];
  expect([...done, command]).toEqual(['backup', 'backup', 'verify', 'restore', 'doctor', 'serve']);
  const again = await serve(flags);
  expect(await call({ url: again.url, path: `/${ID}/values/key` })).toBe('value');
});

test('the stop of the server ends a backup that is being made, and tells who has asked for it', async () => {
  const data = await temporaryDirectory();
  const server = await serveWithPair(data);
  await putLarge(server.url);
  const to = await temporaryDirectory();
  const making = freehold(['backup', join(to, 'backup.db'), '--data', data]);
  await expect.poll(() => readdirSync(to), { timeout: 20_000, interval: 10 }).toEqual(['backup.db.partial']);
  expect((await server.end('SIGTERM')).code).toBe(0);
  expect(await making).toMatchObject({ code: 1, stderr: expect.stringContaining('the server is stopping') });
  expect(readdirSync(to)).toEqual([]);
});

describe('freehold verify', () => {
  test('exits with 1 and says what is wrong', async () => {
    const data = await temporaryDirectory();
    await (await serveWithPair(data)).end('SIGTERM');
    const file = join(await temporaryDirectory(), 'backup.db');
    await freehold(['backup', file, '--data', data]);
    const bytes = readFileSync(file);
    const place = bytes.indexOf('keyvalue') + 'key'.length;
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    const { code, stderr, stdout } = await freehold(['verify', file, '--json']);
    expect(code).toBe(1);
    const fault = `the pairs of namespace ${ID} ("title") are not those that were backed up`;
    expect(stderr).toContain(`freehold: ${file} is not whole: ${fault}\n`);
    expect(JSON.parse(stdout).faults).toEqual([fault]);
    const restored = join(data, 'new');
    expect(await freehold(['restore', file, '--data', restored])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`${file} is not whole, and nothing was restored: ${fault}\n`),
    });
    expect(existsSync(restored)).toBe(false);
  });

  test('refuses a directory on which a server runs, and a path where nothing is', async () => {
    const data = await temporaryDirectory();
    await serveWithPair(data);
    expect(await freehold(['verify', data])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('in use by another Freehold server'),
    });
    expect(await freehold(['verify', join(data, 'none')])).toMatchObject({ code: 1 });
  });
});

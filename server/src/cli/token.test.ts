import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { freehold, type ServeProcess, serve, temporaryDirectory } from './process.fixture.ts';

const GIVEN = 'given-by-the-operator';

async function resetRoot(data: string): Promise<string> {
  const { code, stdout, stderr } = await freehold(['token', 'reset-root', '--data', data]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^[\w-]{43}\n$/);
  expect(stderr).not.toContain(stdout.trimEnd());
  return stdout.trimEnd();
}

test('reset-root on a running server: the old token stops working at once', async () => {
  const data = await temporaryDirectory();
  await (await serve(['--data', data], { FREEHOLD_TOKEN: GIVEN })).end('SIGTERM');
  const server = await serve(['--data', data]);
  expect(await server.statusWith(GIVEN)).toBe(200);
  const token = await resetRoot(data);
  expect([await server.statusWith(token), await server.statusWith(GIVEN)]).toEqual([200, 401]);
  const { stdout } = await server.end('SIGTERM');
  expect(stdout).not.toContain(token);
});

test('reset-root on a stopped server, whose file with the old token goes', async () => {
  const data = await temporaryDirectory();
  await (await serve(['--data', data])).end('SIGTERM');
  const token = await resetRoot(data);
  expect(existsSync(join(data, 'root-token'))).toBe(false);
  const server = await serve(['--data', data]);
  expect(await server.statusWith(token)).toBe(200);
});

test('reset-root after kill -9, past the socket that was left', async () => {
  const data = await temporaryDirectory();
  await (await serve(['--data', data])).end('SIGKILL');
  expect(existsSync(join(data, 'admin.sock'))).toBe(true);
  const token = await resetRoot(data);
  const server = await serve(['--data', data]);
  expect(await server.statusWith(token)).toBe(200);
});

test('reset-root in a directory too deep for the path of a Unix socket', async () => {
  const data = join(await temporaryDirectory(), 'd'.repeat(100), 'e'.repeat(100));
  const server = await serve(['--data', data]);
  const token = await resetRoot(data);
  expect(await server.statusWith(token)).toBe(200);
  await server.end('SIGTERM');
  expect(await readdir(data)).not.toContain('admin.sock');
});

test('reset-root is refused where the running server was given its token', async () => {
  const data = await temporaryDirectory();
  const server = await serve(['--data', data], { FREEHOLD_TOKEN: GIVEN });
  const { code, stdout, stderr } = await freehold(['token', 'reset-root', '--data', data]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^freehold: .*FREEHOLD_TOKEN: change it there.*\n$/);
  expect(await server.statusWith(GIVEN)).toBe(200);
});

test('reset-root where there is no database is an error, and makes none', async () => {
  const directory = await temporaryDirectory();
  const missing = join(directory, 'missing');
  for (const data of [directory, missing]) {
    const { code, stdout, stderr } = await freehold(['token', 'reset-root', '--data', data]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^freehold: .*\n$/);
    expect(stderr).toContain(data);
  }
  expect(await readdir(directory)).toEqual([]);
});

test('reset-root where the data directory is a file', async () => {
  const file = join(await temporaryDirectory(), 'file');
  await writeFile(file, '');
  const { code, stderr } = await freehold(['token', 'reset-root', '--data', file]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^freehold: .*\n$/);
});

const ACCOUNT = '00000000000000000000000000000001';

/** A command on the data directory, which has to succeed. */
async function token(data: string, ...argv: string[]): Promise<{ stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await freehold(['token', ...argv, '--data', data]);
  expect(code, stderr).toBe(0);
  return { stdout, stderr };
}

describe.each(['a running', 'a stopped'])('on %s server', kind => {
  async function start(): Promise<{ data: string; use: () => Promise<ServeProcess> }> {
    const data = await temporaryDirectory();
    const server = await serve(['--data', data], { FREEHOLD_TOKEN: GIVEN });
    const body = JSON.stringify({ title: 'sessions', id: ACCOUNT });
    const path = `${server.url}/client/v4/accounts/${ACCOUNT}/storage/kv/namespaces`;
    await fetch(path, { method: 'POST', body, headers: { authorization: `Bearer ${GIVEN}` } });
    if (kind === 'a running') return { data, use: () => Promise.resolve(server) };
    await server.end('SIGTERM');
    return { data, use: () => serve(['--data', data]) };
  }

  test('a token is made, listed and revoked', async () => {
    const { data, use } = await start();
    const flags = ['--read-only', '--expires', '30d', '--requests-per-second', '50', '--bytes-per-day', '1KiB'];
    const made = await token(data, 'create', '--name', 'ci', '--namespace', 'sessions', ...flags);
    expect(made.stdout).toMatch(/^[\w-]{43}\n$/);
    const good = `reading account ${ACCOUNT}, namespaces ${ACCOUNT}, 50 requests a second, 1024 bytes a day`;
    expect(made.stderr).toMatch(
      new RegExp(`^Made the token "ci" \\([0-9a-f]{32}\\), good for ${good}\\. It expires on \\S+Z\\.\n`),
    );
    expect(made.stderr).not.toContain(made.stdout.trimEnd());
    expect((await token(data, 'create', '--name', 'all')).stderr).toContain(
      'good for every account. It does not expire.',
    );

    const table = (await token(data, 'list')).stdout.split('\n');
    expect(table[0]).toMatch(/^ID +NAME +GOOD FOR +CREATED +EXPIRES +LAST USED$/);
    const rows = table.slice(1).toSorted().join('\n');
    expect(rows).toMatch(/^[0-9a-f]{32} {2}all +every account +\S+ \S+Z +never +never$/m);
    expect(rows).toMatch(new RegExp(`^[0-9a-f]{32}  ci +${good} +\\S+ \\S+Z +\\S+ \\S+Z +never$`, 'm'));
    const json: { name: string; id: string }[] = JSON.parse((await token(data, 'list', '--json')).stdout);
    expect(json.find(({ name }) => name === 'ci')).toMatchObject({
      status: 'active',
      account_id: ACCOUNT,
      namespace_ids: [ACCOUNT],
      read_only: true,
      requests_per_second: 50,
      bytes_per_day: 1_024,
    });

    const ci = json.find(({ name }) => name === 'ci');
    expect((await token(data, 'revoke', 'ci')).stderr).toBe(`Revoked the token "ci" (${ci?.id}).\n`);
    const server = await use();
    expect(await server.statusWith(made.stdout.trimEnd())).toBe(401);
    expect((await token(data, 'list')).stdout).not.toContain('ci');
    expect((await server.end('SIGTERM')).stdout).not.toContain(made.stdout.trimEnd());
  });

  test('a token works from when it is made', async () => {
    const { data, use } = await start();
    const { stdout } = await token(data, 'create', '--name', 'ci', '--account', ACCOUNT);
    expect(await (await use()).statusWith(stdout.trimEnd())).toBe(200);
  });

  test('what cannot be done is one line on standard error', async () => {
    const { data } = await start();
    for (const name of ['twin', 'twin']) await token(data, 'create', '--name', name);
    for (const [argv, message] of [
      [['create', '--name', 'n', '--namespace', 'orders'], /there is no namespace "orders"/],
      [['create', '--name', 'n', '--expires', '2020-01-01'], /expires_on must be a time in the future/],
      [['revoke', 'nobody'], /there is no token "nobody"; freehold token list shows them/],
      [['revoke', 'twin'], /several tokens are called "twin": say which by its id, of [0-9a-f]{32}, [0-9a-f]{32}/],
    ] as const) {
      const { code, stdout, stderr } = await freehold(['token', ...argv, '--data', data]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/^freehold: .*\n$/);
      expect(stderr).toMatch(message);
    }
  });
});

test('list where there is no token but the root token says so', async () => {
  const data = await temporaryDirectory();
  await serve(['--data', data]);
  const { stdout, stderr } = await token(data, 'list');
  expect({ stdout, stderr }).toEqual({ stdout: '', stderr: 'There are no tokens but the root token.\n' });
  expect((await token(data, 'list', '--json')).stdout).toBe('[]\n');
});

test('the log of the running server tells of tokens that are made, revoked and replaced', async () => {
  const data = await temporaryDirectory();
  const server = await serve(['--data', data]);
  await token(data, 'create', '--name', 'ci');
  await token(data, 'revoke', 'ci');
  await resetRoot(data);
  const { stdout } = await server.end('SIGTERM');
  const lines = stdout.split('\n').filter(line => line.includes('"audit"'));
  const by = { name: 'admin socket' };
  const made = { id: expect.stringMatching(/^[0-9a-f]{32}$/), name: 'ci' };
  expect(lines.map(line => JSON.parse(line))).toMatchObject([
    { audit: 'token.create', by, token: made, count: 1, level: 30 },
    { audit: 'token.revoke', by, token: made, count: 1, level: 30 },
    { audit: 'root-token.reset', by, count: 1, level: 30 },
  ]);
});

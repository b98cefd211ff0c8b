import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freehold, serve, temporaryDirectory } from './process.fixture.ts';

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

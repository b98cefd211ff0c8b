import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ServeConfig } from './config.ts';
import { type RunningServer, type ServerOverrides, startServer } from './server.ts';

let directory: string;
const started: RunningServer[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'freehold-server-'));
});

afterEach(async () => {
  for (const server of started.splice(0)) await server.close();
  await rm(directory, { recursive: true });
});

async function start(config: Partial<ServeConfig> = {}, overrides: ServerOverrides = {}): Promise<RunningServer> {
  const defaults = {
    dataDirectory: directory,
    host: '127.0.0.1',
    port: 0,
    logLevel: 'silent',
    logFormat: 'json',
  } as const;
  const server = await startServer({ ...defaults, ...config }, overrides);
  started.push(server);
  return server;
}

async function statusWith({ url }: RunningServer, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${url}/client/v4/user/tokens/verify`, { headers })).status;
}

test('the minted token is shown with the URL, and works', async () => {
  const shown: string[][] = [];
  const server = await start({}, { showToken: (...arguments_) => shown.push(arguments_) });
  expect(shown).toEqual([[expect.stringMatching(/^[\w-]{43}$/), server.url]]);
  expect(await statusWith(server, shown[0]?.[0] ?? '')).toBe(200);
  expect(existsSync(join(directory, 'root-token'))).toBe(false);
});

test('a minted token that could not be shown is not stored: the next start mints another', async () => {
  const failing = { showToken: () => expect.unreachable('the terminal is gone') };
  await expect(start({}, failing)).rejects.toThrow('the terminal is gone');
  const server = await start();
  expect(await statusWith(server, (await readFile(join(directory, 'root-token'), 'utf8')).trimEnd())).toBe(200);
});

test('a start that fails leaves neither lock nor socket behind', async () => {
  const other = await start({ dataDirectory: join(directory, 'other') });
  const { port } = new URL(other.url);
  await expect(start({ port: Number(port) })).rejects.toThrow(/^cannot listen on 127\.0\.0\.1:/);
  expect(existsSync(join(directory, 'admin.sock'))).toBe(false);
  await start();
});

test('closing twice is closing once', async () => {
  const server = await start();
  await Promise.all([server.close(), server.close()]);
  await start();
});

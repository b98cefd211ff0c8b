import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ServeConfig } from './config/serve.ts';
import { startEngineThread } from './engine-thread.ts';
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
    listen: [{ host: '127.0.0.1', port: 0 }],
    threads: 1,
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
  const taken = { host: '127.0.0.1', port: Number(new URL(other.url).port) };
  const path = join(directory, 'kv.sock');
  await expect(start({ listen: [{ path }, taken] })).rejects.toThrow(/^cannot listen on 127\.0\.0\.1:/);
  expect([existsSync(join(directory, 'admin.sock')), existsSync(path)]).toEqual([false, false]);
  await start();
});

test('a start that fails before there is an engine ends the thread that was begun for it', async () => {
  const engineThread = startEngineThread();
  const exit = once(engineThread, 'exit');
  const givenToken = { source: 'the test', file: join(directory, 'nowhere') };
  await expect(start({ givenToken }, { engineThread })).rejects.toThrow(/ENOENT/);
  await exit;
});

test('tells every address, and as its own the first that HTTP clients know', async () => {
  const path = join(directory, 'kv.sock');
  const { url, urls } = await start({ listen: [{ path }, { host: '127.0.0.1', port: 0 }] });
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
  expect(urls).toEqual([`unix:${path}`, url]);
});

describe('on a Unix socket alone', () => {
  test('it is told by its path', async () => {
    const path = join(directory, 'kv.sock');
    expect(await start({ listen: [{ path }] })).toMatchObject({ url: `unix:${path}`, urls: [`unix:${path}`] });
  });

  test('requests are answered and logged as on a port, although they come from no address', async () => {
    const path = join(directory, 'kv.sock');
    const lines: object[] = [];
    const log = pino({ level: 'info' }, { write: line => lines.push(JSON.parse(line)) });
    const server = await start({ listen: [{ path }] }, { log });
    const [status, body] = await ask(path, '/client/v4/user/tokens/verify');
    expect(status).toBe(400);
    expect(JSON.parse(body)).toMatchObject({ success: false });
    await server.close();
    const line = {
      msg: 'request',
      method: 'GET',
      route: '/client/v4/user/tokens/verify',
      status,
      bytesOut: body.length,
    };
    expect(lines).toContainEqual(expect.objectContaining(line));
    expect(lines).not.toContainEqual(expect.objectContaining({ level: 50 }));
  });
});

function ask(socketPath: string, path: string): Promise<[status: number | undefined, body: string]> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, path }, response => {
      text(response).then(body => resolve([response.statusCode, body]), reject);
    });
    outgoing.on('error', reject).end();
  });
}

test('closing twice is closing once', async () => {
  const server = await start();
  await Promise.all([server.close(), server.close()]);
  await start();
});

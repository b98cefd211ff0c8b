import { execFile } from 'node:child_process';
import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, test } from 'vitest';
import { RECIPES } from '../connect/recipes.ts';
import { CLIENTS } from '../options.ts';
import { type Finished, freehold, type ServeProcess, serve, temporaryDirectory } from './process.fixture.ts';

const run = promisify(execFile);
const ROOT_TOKEN = 'given-by-the-operator';
const ID = '0123456789abcdef0123456789abcdef';
const ACCOUNT = '00000000000000000000000000000001';
const TOKEN = /[\w-]{43}/;

let data: string;

beforeEach(async () => {
  data = join(await temporaryDirectory(), 'data');
});

function start(...flags: string[]): Promise<ServeProcess> {
  return serve(['--data', data, ...flags], { FREEHOLD_TOKEN: ROOT_TOKEN });
}

function connect(...argv: string[]): Promise<Finished> {
  return freehold(['connect', ...argv, '--data', data]);
}

describe('with a running server', () => {
  test('each client gets its text with a token of its own, and nothing else on standard output', async () => {
    const { url } = await start();
    for (const client of CLIENTS) {
      const { code, stdout, stderr } = await connect(ID, '--for', client, '--create');
      expect(code, stderr).toBe(0);
      const [token = ''] = TOKEN.exec(stdout) ?? [];
      const connection = { url, account: ACCOUNT, namespace: { id: ID, title: ID }, token };
      expect(stdout).toBe(RECIPES[client].text(connection));
      expect(stderr).toContain(RECIPES[client].advice);
      expect(stderr).not.toContain(token);
    }
  });

  test('standard error says which namespace it is, whether it was made, and what the token is good for', async () => {
    await start();
    const made = await connect('sessions', '--for', 'curl', '--create');
    expect(made.stderr).toMatch(/^Made namespace "sessions" \([0-9a-f]{32}\) in account 0{31}1\.\n/);
    const found = await connect('sessions', '--for', 'curl');
    expect(found.stderr).toMatch(/^Namespace "sessions" \([0-9a-f]{32}\) in account 0{31}1\.\n/);
    expect(found.stderr).toContain('"curl for sessions", is good for the pairs of this namespace alone');
    const { stderr } = await connect('sessions', '--for', 'wrangler');
    expect(stderr).toContain(`"wrangler for sessions", is good for all of account ${ACCOUNT}`);
  });

  test('the log says that a token was minted, and does not have it', async () => {
    const server = await start();
    const { stdout } = await connect('sessions', '--for', 'curl', '--create');
    const [token = ''] = TOKEN.exec(stdout) ?? [];
    expect(await server.statusWith(token)).toBe(200);
    const log = (await server.end('SIGTERM')).stdout;
    const by = '"by":{"name":"admin socket"}';
    expect(log).toMatch(new RegExp(`"audit":"namespace.create",.*${by}`));
    expect(log).toMatch(
      new RegExp(`"audit":"token.create",.*"token":{"id":"[0-9a-f]{32}","name":"curl for sessions"},${by}`),
    );
    expect(log).not.toContain(token);
  });

  test('the token is for reading and for a time, if that is asked for', async () => {
    const server = await start();
    const { stdout, stderr } = await connect('sessions', '--for', 'curl', '--create', '--read-only', '--expires', '1h');
    expect(stderr).toMatch(
      /"curl for sessions", is good for reading the pairs of this namespace alone, expires on \S+Z, and not shown again/,
    );
    const [token = ''] = TOKEN.exec(stdout) ?? [];
    expect(await server.statusWith(token)).toBe(200);
    const [, namespace = ''] = /NAMESPACE=(\S+)/.exec(stdout) ?? [];
    const headers = { authorization: `Bearer ${token}` };
    expect((await fetch(`${namespace}/values/k`, { method: 'PUT', headers, body: 'v' })).status).toBe(403);
    expect((await fetch(`${namespace}/keys`, { headers })).status).toBe(200);
    const past = await connect('sessions', '--for', 'curl', '--expires', '2020-01-01');
    expect(past).toMatchObject({ code: 1, stdout: '', stderr: 'freehold: --expires must lie in the future\n' });
  });

  test('the commands for curl work, on a port and on a socket alone', async () => {
    const socket = join(await temporaryDirectory(), "it's a socket");
    for (const address of ['127.0.0.1:0', `unix:${socket}`]) {
      data = join(await temporaryDirectory(), 'data');
      await start('--listen', address);
      const { stdout } = await connect('sessions', '--for', 'curl', '--create');
      const file = join(await temporaryDirectory(), 'commands.sh');
      await writeFile(file, stdout);
      expect(stdout.includes('--unix-socket')).toBe(address.startsWith('unix:'));
      expect((await run('bash', ['-eu', file])).stdout).toMatch(
        /"success":true\}hello\{"result":\[\{"name":"greeting"/,
      );
    }
  });

  test('a socket alone is refused for who cannot use it, and --url is the way out', async () => {
    const socket = join(await temporaryDirectory(), 'freehold.sock');
    await start('--listen', `unix:${socket}`);
    const { code, stdout, stderr } = await connect('sessions', '--for', 'wrangler', '--create');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe(
      `freehold: wrangler cannot use a Unix socket, as unix:${socket} is one: give another with --url\n`,
    );
    const given = await connect('sessions', '--for', 'wrangler', '--create', '--url', 'https://kv.example.com/prefix/');
    expect(given.stdout).toContain('CLOUDFLARE_API_BASE_URL=https://kv.example.com/prefix/client/v4\n');
  });

  test('a namespace that is missing is an error', async () => {
    await start();
    const { code, stdout, stderr } = await connect('sessions', '--for', 'curl');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe('freehold: there is no namespace "sessions"; --create makes it\n');
  });
});

test('without a running server, it says how to start one', async () => {
  const { code, stdout, stderr } = await connect('sessions', '--for', 'curl', '--create');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  const start = `start it with freehold serve --data ${data}, or name another with --data`;
  expect(stderr).toBe(`freehold: no server runs on ${data}: ${start}\n`);
  await expect(access(data)).rejects.toThrow('ENOENT');
});

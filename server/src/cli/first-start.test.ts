import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { serve, serveOnTerminal, temporaryDirectory } from './process.fixture.ts';

const MINTED = /[\w-]{43}/;
const GIVEN = 'given-by-the-operator';
const terminals = spawnSync('script', ['--version']).stdout?.includes('util-linux');

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

describe('without a terminal', () => {
  test('the first start writes the token to a file for the owner only, and the log says where', async () => {
    const data = join(await temporaryDirectory(), 'new', 'data');
    const server = await serve(['--data', data]);
    const file = join(data, 'root-token');
    expect(await modeOf(data)).toBe(0o700);
    expect(await modeOf(file)).toBe(0o600);
    expect(await modeOf(join(data, 'admin.sock'))).toBe(0o600);
    const token = (await readFile(file, 'utf8')).trimEnd();
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(server.stdout).toContain(JSON.stringify(file));
    expect(server.stdout).not.toContain(token);
    expect(await server.statusWith(token)).toBe(200);
    expect(await server.statusWith(`${token.slice(1)}x`)).toBe(401);
  });

  test('later starts mint nothing, and the token still works', async () => {
    const data = await temporaryDirectory();
    const file = join(data, 'root-token');
    await (await serve(['--data', data])).end('SIGTERM');
    const token = await readFile(file, 'utf8');
    const server = await serve(['--data', data]);
    expect(await readFile(file, 'utf8')).toBe(token);
    expect(server.stdout).not.toContain('minted');
    expect(await server.statusWith(token.trimEnd())).toBe(200);
  });
});

describe.runIf(terminals)('on a terminal', () => {
  test('the first start shows the token once, with examples to paste, and a later one does not', async () => {
    const data = await temporaryDirectory();
    const first = await serveOnTerminal(['--data', data]);
    const token = MINTED.exec(first.stdout)?.[0] ?? '';
    expect(first.stdout).toContain(`curl -H 'Authorization: Bearer ${token}'`);
    expect(first.stdout).toContain(`CLOUDFLARE_API_BASE_URL=${first.url}/client/v4`);
    expect(first.stdout).toContain(`CLOUDFLARE_API_TOKEN=${token}`);
    expect(await first.statusWith(token)).toBe(200);
    expect(existsSync(join(data, 'root-token'))).toBe(false);
    expect((await first.pressCtrlC()).code).toBe(0);

    const second = await serveOnTerminal(['--data', data]);
    expect(second.stdout).not.toMatch(MINTED);
    expect(second.stdout).not.toContain('Welcome');
    expect(await second.statusWith(token)).toBe(200);
    expect((await second.pressCtrlC()).code).toBe(0);
  });

  test('every address is told', async () => {
    const directory = await temporaryDirectory();
    const addresses = `unix:${join(directory, 'kv.sock')},127.0.0.1:0`;
    const { stdout } = await serveOnTerminal(['--data', join(directory, 'data'), '--listen', addresses]);
    expect(stdout).toMatch(/ listening on unix:\S+\/kv\.sock and http:\/\/127\.0\.0\.1:\d+, data in /);
  });

  test('on a Unix socket alone, the examples are for it', async () => {
    const directory = await temporaryDirectory();
    const socket = join(directory, 'kv.sock');
    const { stdout } = await serveOnTerminal(['--data', join(directory, 'data'), '--listen', `unix:${socket}`]);
    expect(stdout).toContain(`curl --unix-socket ${socket} -H 'Authorization: Bearer ${MINTED.exec(stdout)?.[0]}' \\`);
    expect(stdout).toContain('    http://localhost/client/v4/user/tokens/verify');
    expect(stdout).not.toContain('CLOUDFLARE_');
  });
});

describe('with a token given by the operator', () => {
  test('FREEHOLD_TOKEN is the root token, and nothing is shown or written', async () => {
    const data = await temporaryDirectory();
    const server = await serve(['--data', data], { FREEHOLD_TOKEN: GIVEN });
    expect(await server.statusWith(GIVEN)).toBe(200);
    expect(existsSync(join(data, 'root-token'))).toBe(false);
    const { stdout, stderr } = await server.end('SIGTERM');
    expect(stdout + stderr).not.toContain(GIVEN);
  });

  test('it replaces the former root token, whose file goes, and stays when it is no longer given', async () => {
    const data = await temporaryDirectory();
    await (await serve(['--data', data])).end('SIGTERM');
    const minted = (await readFile(join(data, 'root-token'), 'utf8')).trimEnd();
    const given = await serve(['--data', data], { FREEHOLD_TOKEN: GIVEN });
    expect([await given.statusWith(GIVEN), await given.statusWith(minted)]).toEqual([200, 401]);
    expect(existsSync(join(data, 'root-token'))).toBe(false);
    await given.end('SIGTERM');
    const later = await serve(['--data', data]);
    expect([await later.statusWith(GIVEN), await later.statusWith(minted)]).toEqual([200, 401]);
  });

  test.each(['\n', '\r\n', ''])('a token file may end with %j', async ending => {
    const directory = await temporaryDirectory();
    const file = join(directory, 'token');
    await writeFile(file, GIVEN + ending);
    const server = await serve(['--data', join(directory, 'data'), '--token-file', file]);
    expect(await server.statusWith(GIVEN)).toBe(200);
  });
});

import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CERTIFICATE } from '../certificates.fixture.ts';
import { LIMITS } from '../kv/limits.ts';
import { freehold, type ServeProcess, serve, temporaryDirectory } from './process.fixture.ts';

const TOKEN = 'given-by-the-operator';
const API = '/client/v4/accounts/00000000000000000000000000000001/storage/kv/namespaces';
const OWN = '/freehold/v1/accounts/00000000000000000000000000000001/namespaces';

function start(data: string, argv: string[] = []): Promise<ServeProcess> {
  return serve(['--data', data, ...argv], { FREEHOLD_TOKEN: TOKEN });
}

/** The one line on standard error of a start that was refused. */
async function refusal(...argv: string[]): Promise<string> {
  const { code, stderr } = await freehold(['serve', ...argv]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^freehold: .*\n$/);
  return stderr;
}

describe('stopping', () => {
  test.each([['SIGTERM'], ['SIGINT'], ['SIGINT', 'SIGINT'], ['SIGTERM', 'SIGINT']] as NodeJS.Signals[][])(
    '%s exits with 0, removes the admin socket, and keeps the data',
    async (...signals) => {
      const data = await temporaryDirectory();
      const server = await start(data);
      await createNamespace(server);
      const { code, stdout, stderr } = await server.end(...signals);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/"msg":"stopped"\}\n$/);
      expect(existsSync(join(data, 'admin.sock'))).toBe(false);
      expect(await titles(await start(data))).toEqual(['kept']);
    },
  );

  test(
    'SIGTERM cuts off an export that nobody reads, without its last chunk, and the process ends in time',
    async () => {
      const server = await start(await temporaryDirectory());
      await createNamespace(server);
      const headers = { authorization: `Bearer ${TOKEN}` };
      const listed = await fetch(server.url + API, { headers });
      const { result } = (await listed.json()) as { result: { id: string }[] };
      const path = `${API}/${result[0]?.id}`;
      const pairs = Array.from({ length: 4_000 }, (_, n) => ({ key: `${n}`, value: 'v'.repeat(10_000) }));
      await fetch(`${server.url}${path}/bulk`, { method: 'PUT', headers, body: JSON.stringify(pairs) });
      const asked = get(`${server.url}${OWN}/${result[0]?.id}/export`, { headers });
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      await once(response, 'readable');
      const { code, stdout } = await server.end('SIGTERM');
      expect([code, stdout.endsWith('"msg":"stopped"}\n')]).toEqual([0, true]);
      const read = async (): Promise<number> => {
        let bytes = 0;
        for await (const chunk of response) bytes += (chunk as Buffer).length;
        return bytes;
      };
      await expect(read()).rejects.toThrow('aborted');
      expect(response.complete).toBe(false);
    },
    2 * LIMITS.stopMs,
  );

  test('after kill -9 the next start goes on, with the data', async () => {
    const data = await temporaryDirectory();
    const server = await start(data);
    await createNamespace(server);
    expect((await server.end('SIGKILL')).code).toBe(null);
    expect(await titles(await start(data))).toEqual(['kept']);
  });
});

test('when the engine fails for good, reads go on for a moment, then the process ends with 1', async () => {
  const killWriter = 'process.on("worker",worker=>process.on("SIGUSR2",()=>worker.terminate()))';
  const server = await serve(['--data', await temporaryDirectory()], {
    FREEHOLD_TOKEN: TOKEN,
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(killWriter)}`,
  });
  await createNamespace(server);
  const ended = server.end('SIGUSR2');
  await server.output(/"level":60,.*"msg":"the storage engine has failed/);
  expect(await titles(server)).toEqual(['kept']);
  expect((await ended).code).toBe(1);
});

describe('a start that cannot be is refused in one line that says what to do', () => {
  test('data directory in use', async () => {
    const data = await temporaryDirectory();
    const server = await start(data);
    const line = await refusal('--port', '0', '--data', data);
    expect(line).toContain(data);
    expect(line).toContain('--data');
    expect(await server.statusWith(TOKEN)).toBe(200);
  });

  test('port in use; the start that failed minted no token', async () => {
    const directory = await temporaryDirectory();
    const { port } = new URL((await start(join(directory, 'first'))).url);
    const data = join(directory, 'second');
    const line = await refusal('--port', port, '--data', data);
    expect(line).toContain(`127.0.0.1:${port}`);
    expect(line).toContain('--port');
    expect(existsSync(join(data, 'admin.sock'))).toBe(false);
    expect((await serve(['--data', data])).stdout).toContain('root token minted');
  });

  test('an address that is not of this machine', async () => {
    const line = await refusal('--host', '192.0.2.1', '--port', '0', '--data', await temporaryDirectory());
    expect(line).toContain('192.0.2.1');
    expect(line).toContain('--host');
  });

  test('a data directory that is a file', async () => {
    const file = join(await temporaryDirectory(), 'file');
    await writeFile(file, '');
    expect(await refusal('--port', '0', '--data', file)).toContain(file);
  });

  test('a data directory that may not be written', async () => {
    const locked = join(await temporaryDirectory(), 'locked');
    await mkdir(locked, { mode: 0o500 });
    // Modes do not hold root back; the kernel's own file systems do.
    const data = process.getuid?.() === 0 ? '/sys/freehold' : locked;
    expect(await refusal('--port', '0', '--data', data)).toContain(data);
  });
});

describe('on a Unix socket', () => {
  test('requests are answered, a stop removes it, and only its owner may connect', async () => {
    const directory = await temporaryDirectory();
    const socket = join(directory, 'kv.sock');
    const server = await start(join(directory, 'data'), ['--listen', `unix:${socket}`]);
    expect(server.url).toBe(`unix:${socket}`);
    expect((await stat(socket)).mode & 0o777).toBe(0o600);
    expect(await healthThrough(socket)).toBe(200);
    expect((await server.end('SIGTERM')).code).toBe(0);
    expect(existsSync(socket)).toBe(false);
  });

  test('the one that kill -9 left is replaced at the next start', async () => {
    const directory = await temporaryDirectory();
    const [data, socket] = [join(directory, 'data'), join(directory, 'kv.sock')];
    await (await start(data, ['--listen', `unix:${socket}`])).end('SIGKILL');
    expect(existsSync(socket)).toBe(true);
    await start(data, ['--listen', `unix:${socket}`]);
    expect(await healthThrough(socket)).toBe(200);
  });

  test('a second server is refused, and the first serves on', async () => {
    const directory = await temporaryDirectory();
    const socket = join(directory, 'kv.sock');
    await start(join(directory, 'first'), ['--listen', `unix:${socket}`]);
    const line = await refusal('--listen', `127.0.0.1:0,unix:${socket}`, '--data', join(directory, 'second'));
    expect(line).toContain(`cannot listen on unix:${socket}: another server already listens there`);
    expect(await healthThrough(socket)).toBe(200);
  });
});

describe('the log', () => {
  test('tells every address', async () => {
    const directory = await temporaryDirectory();
    const socket = join(directory, 'kv.sock');
    const server = await start(join(directory, 'data'), ['--listen', `unix:${socket},127.0.0.1:0`]);
    expect(server.url).toMatch(/^http:/);
    expect(server.stdout).toContain(`"urls":["unix:${socket}","${server.url}"]`);
  });

  test('warns where other machines can connect', async () => {
    const server = await start(await temporaryDirectory(), ['--host', '0.0.0.0']);
    expect(server.stdout).toMatch(/"level":40,.*"host":"0\.0\.0\.0"/);
  });

  test('names the one of several addresses where they can', async () => {
    const server = await start(await temporaryDirectory(), ['--listen', '127.0.0.1:0,0.0.0.0:0']);
    expect(server.stdout.match(/"level":40,.*/g)).toEqual([expect.stringContaining('"host":"0.0.0.0"')]);
  });

  test('warns where nobody is asked for a token, and then none is minted', async () => {
    const data = await temporaryDirectory();
    const server = await serve(['--data', data, '--no-auth']);
    expect(server.stdout.match(/"level":40,.*/g)).toEqual([expect.stringContaining('no token is asked for')]);
    expect(server.stdout).not.toContain('minted');
    expect(existsSync(join(data, 'root-token'))).toBe(false);
    expect((await fetch(server.url + API)).status).toBe(200);
    await server.end('SIGTERM');
    expect((await serve(['--data', data])).stdout).toContain('root token minted');
  });

  test('does not warn where the port that other machines reach speaks TLS', async () => {
    const directory = await temporaryDirectory();
    const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
    await writeFile(cert, CERTIFICATE.cert);
    await writeFile(key, CERTIFICATE.key);
    const server = await start(directory, ['--host', '0.0.0.0', '--tls-cert', cert, '--tls-key', key]);
    expect(server.url).toMatch(/^https:/);
    expect(server.stdout).not.toContain('"level":40');
  });

  test('does not warn on loopback', async () => {
    for (const host of ['127.0.0.1', '127.0.0.2', 'localhost']) {
      const server = await start(await temporaryDirectory(), ['--host', host]);
      expect(server.stdout).not.toContain('"level":40');
    }
  });
});

/** The status of a request through a Unix socket. */
function healthThrough(socketPath: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get({ socketPath, path: '/healthz', agent: false }, response => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });
}

async function createNamespace(server: ServeProcess): Promise<void> {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ title: 'kept' });
  const response = await fetch(server.url + API, { method: 'POST', headers, body });
  expect(response.status).toBe(200);
}

async function titles(server: ServeProcess): Promise<string[]> {
  const response = await fetch(server.url + API, { headers: { authorization: `Bearer ${TOKEN}` } });
  const { result } = (await response.json()) as { result: { title: string }[] };
  return result.map(({ title }) => title);
}

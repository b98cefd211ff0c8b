/** TLS, as `--tls-cert` and `--tls-key` give it. */
import { once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { request as plainRequest } from 'node:http';
import { Agent, request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect as tlsConnect } from 'node:tls';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CERTIFICATE, OTHER_CERTIFICATE } from './certificates.fixture.ts';
import type { ServeConfig } from './config/serve.ts';
import { LIMITS } from './kv/limits.ts';
import { type RunningServer, startServer } from './server.ts';

let directory: string;
let tls: { certificate: string; key: string };
const started: RunningServer[] = [];
const agents: Agent[] = [];
let logged: { readonly msg: string; readonly reason?: string }[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'freehold-tls-'));
  tls = { certificate: join(directory, 'cert.pem'), key: join(directory, 'key.pem') };
  logged = [];
  await install(CERTIFICATE);
});

afterEach(async () => {
  for (const agent of agents.splice(0)) agent.destroy();
  for (const server of started.splice(0)) await server.close();
  vi.useRealTimers();
  await rm(directory, { recursive: true });
});

async function install({ cert, key }: { readonly cert?: string; readonly key?: string }): Promise<void> {
  if (cert !== undefined) await replace(tls.certificate, cert);
  if (key !== undefined) await replace(tls.key, key);
}

/** At once: a file that is half written would be one more thing to complain of. */
async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

async function start(config: Partial<ServeConfig> = {}): Promise<RunningServer> {
  const defaults = {
    dataDirectory: join(directory, 'data'),
    listen: [{ host: '127.0.0.1', port: 0 }],
    threads: 1,
    logLevel: 'info',
    logFormat: 'json',
    givenToken: { source: 'the test', token: 'given-by-the-operator' },
    tls,
  } as const;
  const log = pino({ level: 'info' }, { write: line => void logged.push(JSON.parse(line)) });
  const server = await startServer({ ...defaults, ...config }, { log });
  started.push(server);
  return server;
}

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
}

/** Trusts this certificate alone, and asks all on one connection. */
function agentFor(trusted: string): Agent {
  const agent = new Agent({ ca: trusted, keepAlive: true, maxSockets: 1 });
  agents.push(agent);
  return agent;
}

function ask(url: string, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${url}/healthz`, { agent }, response => {
      text(response).then(body => resolve({ status: response.statusCode, body }), reject);
    });
    outgoing.on('error', reject).end();
  });
}

const HEALTHY = { status: 200, body: '{"status":"ok"}\n' };

describe('a server with a certificate', () => {
  test('tells an https URL, and answers there with that certificate', async () => {
    const { url } = await start();
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:[1-9]\d*$/);
    expect(await ask(url, agentFor(CERTIFICATE.cert))).toEqual(HEALTHY);
    await expect(ask(url, agentFor(OTHER_CERTIFICATE.cert))).rejects.toThrow(/certificate/);
  });

  test('does so with several threads', async () => {
    const { url } = await start({ threads: 2 });
    for (let count = 0; count < 8; count++) expect(await ask(url, agentFor(CERTIFICATE.cert))).toEqual(HEALTHY);
  });

  test('answers nothing in the clear', async () => {
    const { url } = await start();
    const connection = connect(Number(new URL(url).port), '127.0.0.1');
    connection.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(await text(connection).catch(() => '')).not.toContain('HTTP/1.1');
  });

  test('leaves Unix sockets without, wherever they stand', async () => {
    for (const first of [true, false]) {
      const path = join(directory, `${first}.sock`);
      const port = { host: '127.0.0.1', port: 0 };
      const { url, urls, close } = await start({ listen: first ? [{ path }, port] : [port, { path }] });
      expect(urls).toContain(`unix:${path}`);
      expect(await ask(url, agentFor(CERTIFICATE.cert))).toEqual(HEALTHY);
      const [answer] = await once(plainRequest({ socketPath: path, path: '/healthz', agent: false }).end(), 'response');
      expect(answer.statusCode).toBe(200);
      answer.resume();
      await close();
    }
  });

  test('counts the connections on which HTTP is spoken, on its Unix sockets too', async () => {
    const path = join(directory, 'kv.sock');
    const { url } = await start({ listen: [{ host: '127.0.0.1', port: 0 }, { path }] });
    const { hostname, port } = new URL(url);
    const silent = [connect(Number(port), hostname), connect(Number(port), hostname)];
    await Promise.all(silent.map(socket => once(socket, 'connect')));
    await ask(url, agentFor(CERTIFICATE.cert));
    const authorization = 'Bearer given-by-the-operator';
    const outgoing = plainRequest({ socketPath: path, path: '/metrics', agent: false, headers: { authorization } });
    const [answer] = await once(outgoing.end(), 'response');
    expect(await text(answer)).toMatch(/^freehold_http_connections 2$/m);
    for (const socket of silent) socket.destroy();
  });

  test('is refused without a port, where nothing would be encrypted', async () => {
    await expect(start({ listen: [{ path: join(directory, 'kv.sock') }] })).rejects.toThrow(
      /^--tls-cert needs a port to listen on/,
    );
  });

  test('stops at once, whatever connections are idle', async () => {
    const { url, close } = await start();
    await ask(url, agentFor(CERTIFICATE.cert));
    const { hostname, port } = new URL(url);
    const silent = connect(Number(port), hostname);
    await once(silent, 'connect');
    const unused = tlsConnect({ host: hostname, port: Number(port), ca: CERTIFICATE.cert });
    await once(unused, 'secureConnect');
    const gone = Promise.all([once(silent, 'close'), once(unused, 'close')]);
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    await close();
    await gone;
  });
});

describe('a start is refused in one line', () => {
  test.each([
    ['files that are not there', () => rm(tls.key), /key\.pem for TLS: ENOENT/],
    ['a key of another certificate', () => install({ key: OTHER_CERTIFICATE.key }), /key\.pem for TLS: .*mismatch/],
    ['a certificate that is none', () => install({ cert: 'nonsense' }), /key\.pem for TLS: .*PEM/],
  ])('for %s', async (_what, spoil, message) => {
    await spoil();
    await expect(start()).rejects.toThrow(message);
    await install(CERTIFICATE);
    await start();
  });
});

describe('a certificate that is replaced', () => {
  /** Lets the server look at its files again and again, until it has logged that. */
  async function lookUntil(message: string): Promise<void> {
    await vi.waitUntil(async () => {
      await vi.advanceTimersByTimeAsync(LIMITS.tlsReloadMs);
      return logged.some(({ msg }) => msg.includes(message));
    });
  }

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  });

  test('is shown to further connections, and disturbs none that is open', async () => {
    const { url } = await start();
    const former = agentFor(CERTIFICATE.cert);
    await ask(url, former);
    await install(OTHER_CERTIFICATE);
    await lookUntil('certificate read again');
    expect(await ask(url, former)).toEqual(HEALTHY);
    expect(await ask(url, agentFor(OTHER_CERTIFICATE.cert))).toEqual(HEALTHY);
    await expect(ask(url, agentFor(CERTIFICATE.cert))).rejects.toThrow(/certificate/);
  });

  test('is waited for while its key is still another one, and the log says so once', async () => {
    const { url } = await start();
    await install({ cert: OTHER_CERTIFICATE.cert });
    await lookUntil('again: the former certificate stays in use');
    expect(await ask(url, agentFor(CERTIFICATE.cert))).toEqual(HEALTHY);
    await install({ key: OTHER_CERTIFICATE.key });
    await lookUntil('certificate read again');
    expect(await ask(url, agentFor(OTHER_CERTIFICATE.cert))).toEqual(HEALTHY);
    expect(logged.filter(({ reason }) => reason !== undefined)).toHaveLength(1);
  });
});

test('neither the log nor an error shows the key', async () => {
  const { url, close } = await start();
  await ask(url, agentFor(CERTIFICATE.cert));
  await close();
  await install({ key: OTHER_CERTIFICATE.key });
  const error = await start().catch(thrown => thrown);
  const told = `${JSON.stringify(logged)} ${error.message}`;
  for (const line of OTHER_CERTIFICATE.key.split('\n').slice(1, 3)) expect(told).not.toContain(line);
});

test('old versions of TLS are refused', async () => {
  const { url } = await start();
  const { hostname, port } = new URL(url);
  const options = { host: hostname, port: Number(port), ca: CERTIFICATE.cert, ciphers: 'DEFAULT@SECLEVEL=0' };
  const attempt = (version: 'TLSv1.1' | 'TLSv1.2'): Promise<string> => {
    const socket = tlsConnect({ ...options, minVersion: 'TLSv1', maxVersion: version });
    return once(socket, 'secureConnect')
      .then(
        () => 'agreed',
        () => 'refused',
      )
      .finally(() => socket.destroy());
  };
  expect([await attempt('TLSv1.1'), await attempt('TLSv1.2')]).toEqual(['refused', 'agreed']);
});

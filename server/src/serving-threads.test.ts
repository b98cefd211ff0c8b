import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Worker } from 'node:worker_threads';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { askServer } from './admin/client.ts';
import type { ServeConfig } from './config/serve.ts';
import { startEngineThread } from './engine-thread.ts';
import { type RunningServer, type ServerOverrides, startServer } from './server.ts';

const TOKEN = 'token-that-the-tests-give';
const NAMESPACES = `/client/v4/accounts/${'a'.repeat(32)}/storage/kv/namespaces`;
const ID = 'b'.repeat(32);
const PAIRS = `${NAMESPACES}/${ID}`;
const PORT = { host: '127.0.0.1', port: 0 };
const CONFIG = { listen: [PORT], threads: 2, logLevel: 'silent', logFormat: 'json' } as const;

let directory: string;
const started: RunningServer[] = [];
const connections: Connection[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'freehold-threads-'));
});

afterEach(async () => {
  for (const connection of connections.splice(0)) connection.close();
  for (const server of started.splice(0)) await server.close();
  await rm(directory, { recursive: true });
});

async function start(config: Partial<ServeConfig> = {}, overrides: ServerOverrides = {}): Promise<RunningServer> {
  const givenToken = { source: 'the test', token: TOKEN };
  const server = await startServer({ ...CONFIG, dataDirectory: directory, givenToken, ...config }, overrides);
  started.push(server);
  return server;
}

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
}

/** One kept connection, which one thread serves for as long as it lasts. */
class Connection {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #url: string;
  /** What the ids of the thread's requests begin with. */
  thread = '';

  constructor(url: string) {
    this.#url = url;
    connections.push(this);
  }

  ask(method: string, path: string, body = '', token = TOKEN): Promise<Answer> {
    const outgoing = this.begin(method, path, {}, token);
    outgoing.end(body);
    return this.finish(outgoing);
  }

  begin(method: string, path: string, headers: object, token = TOKEN): ClientRequest {
    const socketPath = this.#url.startsWith('unix:') ? this.#url.slice('unix:'.length) : undefined;
    const { hostname: host, port } = new URL(socketPath === undefined ? this.#url : 'http://localhost');
    const all = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers };
    const end = socketPath === undefined ? { host, port } : { socketPath };
    return request({ ...end, method, path, agent: this.#agent, headers: all });
  }

  async finish(outgoing: ClientRequest): Promise<Answer> {
    const [response]: IncomingMessage[] = await once(outgoing, 'response');
    if (response === undefined) return expect.unreachable('there was no response');
    this.thread = String(response.headers['cf-ray']).replace(/-.*/, '');
    return { status: response.statusCode, body: await text(response) };
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** A connection to each of so many threads. The system deals connections out as it likes. */
async function connectToAll(url: string, threads: number): Promise<Connection[]> {
  const found = new Map<string, Connection>();
  while (found.size < threads) {
    const connection = new Connection(url);
    await connection.ask('GET', '/healthz');
    found.set(connection.thread, connection);
  }
  return [...found.values()];
}

/** A further connection to a thread. */
async function connectTo(url: string, thread: string | undefined): Promise<Connection> {
  for (;;) {
    const connection = new Connection(url);
    await connection.ask('GET', '/healthz');
    if (connection.thread === thread) return connection;
  }
}

async function startWithNamespace(threads: number, config: Partial<ServeConfig> = {}, overrides?: ServerOverrides) {
  const server = await start({ threads, ...config }, overrides);
  const all = await connectToAll(server.url, threads);
  const [first] = all;
  const created = await first?.ask('POST', NAMESPACES, JSON.stringify({ id: ID, title: 'title' }));
  expect(created?.status).toBe(200);
  return { server, all };
}

/** What every one of them answers. */
function askAll(all: readonly Connection[], ...arguments_: Parameters<Connection['ask']>): Promise<Answer[]> {
  return Promise.all(all.map(connection => connection.ask(...arguments_)));
}

async function statuses(all: readonly Connection[], ...arguments_: Parameters<Connection['ask']>) {
  return (await askAll(all, ...arguments_)).map(({ status }) => status);
}

describe('through several threads on one port', () => {
  test('what one has acknowledged, a connection to any other reads', async () => {
    const { all } = await startWithNamespace(4);
    for (let round = 0; round < 40; round++) {
      const writer = all[round % all.length];
      const written = await writer?.ask('PUT', `${PAIRS}/values/key`, `value ${round}`);
      expect(written?.status).toBe(200);
      expect(await askAll(all, 'GET', `${PAIRS}/values/key`)).toEqual(
        all.map(() => ({ status: 200, body: `value ${round}` })),
      );
    }
  });

  test('any of them tells the figures of all', async () => {
    const { all } = await startWithNamespace(3);
    for (const connection of all) await connection.ask('PUT', `${PAIRS}/values/key`, 'value');
    const figure = 'freehold_http_requests_total{route="putValue",method="PUT",status="200"}';
    for (const connection of all) {
      let body = '';
      // A request is counted just after its answer has left.
      while (!body.includes(`\n${figure} 3\n`)) body = (await connection.ask('GET', '/metrics')).body;
      expect(body).toContain('\nfreehold_pairs_written_total 3\n');
      expect(body.match(/^freehold_event_loop_delay_p99_seconds\{thread="\d"\}/gm)).toHaveLength(3);
    }
  });

  test('bulks are written whole, each through its own', async () => {
    const { all } = await startWithNamespace(3);
    const bulk = (index: number) =>
      JSON.stringify(Array.from({ length: 1_000 }, (_, n) => ({ key: `${index}/${n}`, value: 'x'.repeat(500) })));
    const answers = await Promise.all(
      all.map((connection, index) => connection.ask('PUT', `${PAIRS}/bulk`, bulk(index))),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    for (const index of all.keys()) {
      const listings = await askAll(all, 'GET', `${PAIRS}/keys?prefix=${index}/`);
      for (const { body } of listings) expect(JSON.parse(body).result_info.count).toBe(1_000);
    }
  });

  test('a token that was replaced works in none of them, and the new one in all', async () => {
    // Not given, as then it could not be reset.
    await (await start({ threads: 1 })).close();
    const server = await startServer({ ...CONFIG, dataDirectory: directory, threads: 3 });
    started.push(server);
    const all = await connectToAll(server.url, 3);
    const verify = '/client/v4/user/tokens/verify';
    expect(await statuses(all, 'GET', verify)).toEqual([200, 200, 200]);
    const answer = await askServer(directory, 'POST /token/reset-root');
    expect(await statuses(all, 'GET', verify)).toEqual([401, 401, 401]);
    expect(await statuses(all, 'GET', verify, '', answer?.token)).toEqual([200, 200, 200]);
  });

  test('a token that was made works in all, and in none once it was revoked', async () => {
    const { all } = await startWithNamespace(3);
    const verify = '/client/v4/user/tokens/verify';
    const [one, other] = all;
    for (let round = 0; round < 5; round++) {
      const made = await one?.ask('POST', '/freehold/v1/tokens', JSON.stringify({ name: 'ci', read_only: true }));
      const { id, value } = JSON.parse(made?.body ?? '').result;
      expect(await statuses(all, 'GET', verify, '', value)).toEqual([200, 200, 200]);
      expect(await statuses(all, 'PUT', `${PAIRS}/values/key`, 'v', value)).toEqual([403, 403, 403]);
      expect((await other?.ask('DELETE', `/freehold/v1/tokens/${id}`))?.status).toBe(200);
      expect(await statuses(all, 'GET', verify, '', value)).toEqual([401, 401, 401]);
    }
  });

  test("pages of the origins that the server names are let in by all, and others' by none", async () => {
    const { all } = await startWithNamespace(2, { corsOrigins: ['https://a.example'] });
    for (const connection of all) {
      for (const [origin, allowed] of [
        ['https://a.example', 'https://a.example'],
        ['https://b.example', undefined],
      ]) {
        const outgoing = connection.begin('GET', '/healthz', { origin });
        const response = once(outgoing, 'response');
        await connection.finish(outgoing.end());
        expect((await response)[0].headers['access-control-allow-origin']).toBe(allowed);
      }
    }
  });

  test('the disk floor holds in all', async () => {
    const { server, all } = await startWithNamespace(2);
    for (const connection of all) connection.close();
    await server.close();
    const again = await start({ diskFreeBytesMin: Number.MAX_SAFE_INTEGER });
    const others = await connectToAll(again.url, 2);
    expect(await statuses(others, 'GET', '/readyz')).toEqual([503, 503]);
    expect(await statuses(others, 'PUT', `${PAIRS}/values/key`, 'value')).toEqual([507, 507]);
  });

  test('each has its share of the memory for large bodies, and no more', async () => {
    const { server, all } = await startWithNamespace(2, { inFlightBytesMax: 10_000_000 });
    const [one, other] = all;
    const again = await connectTo(server.url, one?.thread);
    const [watching] = await connectToAll(server.url, 1);
    const bodies = [one, again, other].map(connection => {
      const body = connection?.begin('PUT', `${PAIRS}/values/key`, { 'content-length': 3_000_000 });
      body?.on('error', () => {}).flushHeaders();
      return body;
    });
    const figures = /^freehold_in_flight_bytes (\d+)\nfreehold_in_flight_waiting (\d+)$/m;
    const metrics = async (): Promise<number[]> => {
      const { body = '' } = (await watching?.ask('GET', '/metrics')) ?? {};
      const withoutComments = body.replace(/^#.*\n/gm, '');
      return (figures.exec(withoutComments) ?? []).slice(1).map(Number);
    };
    let seen = await metrics();
    while ((seen[0] ?? 0) / 3_000_000 + (seen[1] ?? 0) < 3) seen = await metrics();
    expect(seen).toEqual([6_000_000, 1]);
    for (const body of bodies) body?.destroy();
  });

  test('every thread hands whole lines to the log, of its level', async () => {
    const own: string[] = [];
    const handed: string[] = [];
    const log = pino({ level: 'debug' }, { write: line => own.push(line) });
    const { server, all } = await startWithNamespace(3, {}, { log, onLogLine: line => handed.push(line) });
    await askAll(all, 'GET', `${PAIRS}/values/none`);
    await server.close();
    expect(handed.join('')).toMatch(/^(\{.*\}\n)+$/);
    const lines = [...own, ...handed].map(line => JSON.parse(line));
    const ids = lines.filter(({ msg }) => msg === 'request').map(({ reqId }) => reqId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(ids.map((id: string) => id.replace(/-.*/, '')))).toEqual(new Set(all.map(({ thread }) => thread)));
  });
});

describe('addresses', () => {
  test('each port is served by all threads, a Unix socket by one, all with the same data', async () => {
    const path = join(directory, 'kv.sock');
    const { server, all } = await startWithNamespace(2, { listen: [{ path }, PORT, PORT] });
    const [socket = '', port = '', otherPort = ''] = server.urls;
    expect([socket, new Set(server.urls).size]).toEqual([`unix:${path}`, 3]);
    expect(server.url).toBe(port);
    const [one] = all;
    await one?.ask('PUT', `${PAIRS}/values/key`, 'value');
    const rest = [...(await connectToAll(otherPort, 2)), ...Array.from({ length: 8 }, () => new Connection(socket))];
    for (const { status, body } of await askAll(rest, 'GET', `${PAIRS}/values/key`)) {
      expect({ status, body }).toEqual({ status: 200, body: 'value' });
    }
    expect(new Set(rest.slice(2).map(({ thread }) => thread)).size).toBe(1);
  });

  test.each([
    [1, 2],
    [2, 1],
    [2, 2],
  ])('a server of %i threads has its port to itself: one of %i is refused', async (threads, others) => {
    const { url } = await start({ threads });
    const taken = { host: '127.0.0.1', port: Number(new URL(url).port) };
    const dataDirectory = join(directory, 'other');
    const workers = newWorkers();
    await expect(start({ dataDirectory, threads: others, listen: [taken] })).rejects.toThrow(
      `cannot listen on 127.0.0.1:${taken.port}: another server already listens there`,
    );
    // Of a thread that has ended.
    expect(workers.map(({ threadId }) => threadId)).toEqual(Array.from({ length: others }, () => -1));
    expect(existsSync(join(dataDirectory, 'admin.sock'))).toBe(false);
    await start({ dataDirectory, threads: others });
  });
});

/** The threads that are started from here on. */
function newWorkers(): Worker[] {
  const workers: Worker[] = [];
  const add = (worker: Worker) => workers.push(worker);
  process.on('worker', add);
  onTestFinished(() => void process.off('worker', add));
  return workers;
}

test('stopping answers what is in flight in every thread, then refuses connections, and leaves no thread and no log', async () => {
  const workers = newWorkers();
  const { server, all } = await startWithNamespace(3);
  const inFlight = all.map((connection, index) => {
    const outgoing = connection.begin('PUT', `${PAIRS}/values/${index}`, { expect: '100-continue' });
    outgoing.flushHeaders();
    return outgoing;
  });
  await Promise.all(inFlight.map(outgoing => once(outgoing, 'continue')));
  const closed = server.close();
  const answers = all.map((connection, index) => connection.finish(inFlight[index] ?? expect.unreachable()));
  for (const outgoing of inFlight) outgoing.end('value');
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200]);
  await closed;
  await expect(new Connection(server.url).ask('GET', '/healthz')).rejects.toThrow('ECONNREFUSED');
  expect(workers.map(({ threadId }) => threadId)).toEqual([-1, -1, -1]);
  expect(readdirSync(directory).filter(name => name.startsWith('freehold'))).toEqual(['freehold.db']);
  const again = new Connection((await start()).url);
  for (const index of all.keys()) expect((await again.ask('GET', `${PAIRS}/values/${index}`)).body).toBe('value');
});

test('when the writer has died, all threads refuse changes and go on reading', async () => {
  const engineThread = startEngineThread();
  const onFatal = vi.fn();
  const { all } = await startWithNamespace(3, {}, { engineThread, onFatal });
  await all[0]?.ask('PUT', `${PAIRS}/values/key`, 'value');
  await engineThread.terminate();
  expect(await statuses(all, 'PUT', `${PAIRS}/values/key`, 'other')).toEqual([503, 503, 503]);
  expect(await statuses(all, 'GET', '/readyz')).toEqual([503, 503, 503]);
  expect(await statuses(all, 'GET', `${PAIRS}/values/key`)).toEqual([200, 200, 200]);
  expect(onFatal).toHaveBeenCalledTimes(1);
});

test('a thread that dies is reported', async () => {
  const workers = newWorkers();
  const onDefect = vi.fn();
  await start({ threads: 2 }, { onDefect });
  await workers.at(-1)?.terminate();
  expect(onDefect).toHaveBeenCalledExactlyOnceWith(new Error('a serving thread has ended with code 1'));
});

/** A restart under a service manager that keeps the socket: no request is lost, and none is refused. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CERTIFICATE } from '../../server/src/certificates.fixture.ts';
import { Running, temporaryDirectory } from '../../server/src/cli/process.fixture.ts';
import { RawConnection } from '../rest/raw-connection.fixture.ts';

const MANAGER = fileURLToPath(new URL('./service-manager.fixture.ts', import.meta.url));
const MAIN = fileURLToPath(new URL('../../server/src/cli/main.ts', import.meta.url));
const TOKEN = 'given-by-the-operator';
const NAMESPACE = 'a'.repeat(32);
const NAMESPACES = '/client/v4/accounts/00000000000000000000000000000001/storage/kv/namespaces';
const CLIENTS = 8;
const REQUESTS_BETWEEN = 100;
const SERVE = [process.execPath, MAIN, 'serve', '--listen', 'systemd'];

class Service {
  readonly #manager: Running;
  readonly url: string;

  private constructor(manager: Running, url: string) {
    this.#manager = manager;
    this.url = url;
  }

  static async start(socket: string, ...flags: string[]): Promise<Service> {
    const data = await temporaryDirectory();
    const argv = [MANAGER, socket, ...SERVE, '--data', data, ...flags];
    const manager = new Running(process.execPath, argv, { FREEHOLD_TOKEN: TOKEN });
    const [, url = ''] = await manager.output(/"url":"([^"]+)".*"msg":"listening"/);
    const service = new Service(manager, url);
    onTestFinished(async () => {
      manager.child.kill('SIGKILL');
      service.signal('SIGKILL');
      await manager.finished;
    });
    return service;
  }

  /** Of the servers that have listened, in their order. */
  get processes(): number[] {
    return [...this.#manager.stdout.matchAll(/"pid":(\d+).*"msg":"listening"/g)].map(([, pid]) => Number(pid));
  }

  signal(signal: NodeJS.Signals): void {
    const pid = this.processes.at(-1) ?? expect.unreachable('no server has listened');
    process.kill(pid, signal);
  }

  async stopping(): Promise<void> {
    await this.#manager.output(/"msg":"stopping"/);
  }

  /** Waits until so many servers have listened, one after the other. */
  async listened(times: number): Promise<void> {
    await this.#manager.output(new RegExp(`(?:"msg":"listening"[^]*){${times}}`));
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }
}

interface Answer {
  readonly status: number | undefined;
  readonly connection: string | undefined;
  readonly body: string;
}

function ask(url: string, agent: Agent, method: string, path: string, body?: string): Promise<Answer> {
  const headers = { authorization: `Bearer ${TOKEN}`, ...(body && { 'content-length': Buffer.byteLength(body) }) };
  return new Promise((resolve, reject) => {
    const outgoing = request(url + path, { method, agent, headers }, response => {
      const { statusCode: status, headers } = response;
      text(response).then(answered => resolve({ status, connection: headers.connection, body: answered }), reject);
    });
    outgoing.on('error', reject).end(body);
  });
}

/** Clients that write and read without a pause, each on a connection that it keeps, and that repeat nothing. */
class Load {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  readonly #url: string;
  readonly #clients: Promise<void>[] = [];
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  #ended = false;
  answers = 0;
  closing = 0;

  constructor(url: string) {
    this.#url = url;
    for (let client = 0; client < CLIENTS; client++) this.#clients.push(this.#run(client));
  }

  /** Resolves after so many further answers; rejects as soon as a client has met with anything else. */
  async more(count: number): Promise<void> {
    const reached = new Promise<void>(resolve => this.#waiting.push({ count: this.answers + count, resolve }));
    await Promise.race([reached, Promise.all(this.#clients)]);
  }

  async end(): Promise<void> {
    this.#ended = true;
    await Promise.all(this.#clients);
    this.#agent.destroy();
  }

  async #run(client: number): Promise<void> {
    for (let number = 0; !this.#ended; number++) {
      const path = `${NAMESPACES}/${NAMESPACE}/values/${client}-${number}`;
      const put = await this.#ask('PUT', path, `value ${number}`);
      expect(put).toBe('200');
      expect(await this.#ask('GET', path)).toBe(`200 value ${number}`);
    }
  }

  async #ask(method: string, path: string, body?: string): Promise<string> {
    const answer = await ask(this.#url, this.#agent, method, path, body);
    this.answers++;
    if (answer.connection === 'close') this.closing++;
    for (const { count, resolve } of this.#waiting) if (this.answers >= count) resolve();
    return method === 'PUT' ? `${answer.status}` : `${answer.status} ${answer.body}`;
  }
}

async function makeNamespace(url: string): Promise<void> {
  const body = JSON.stringify({ title: 'kept', id: NAMESPACE });
  expect(await ask(url, new Agent(), 'POST', NAMESPACES, body)).toMatchObject({ status: 200 });
}

test('clients under way notice nothing of two restarts but that their connections are closed in order', async () => {
  const service = await Service.start('port');
  await makeNamespace(service.url);
  const load = new Load(service.url);
  for (const restarts of [1, 2]) {
    await load.more(REQUESTS_BETWEEN);
    const { closing } = load;
    service.signal('SIGTERM');
    await service.listened(restarts + 1);
    await load.more(REQUESTS_BETWEEN);
    expect(load.closing - closing).toBeGreaterThanOrEqual(CLIENTS);
  }
  await load.end();
  expect(new Set(service.processes).size).toBe(3);
});

describe('while the server stops', () => {
  const REQUEST = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';

  test.each([
    ['was used before', REQUEST],
    ['was never used', ''],
  ])('a request on a connection that %s is answered, and told that it is the last one', async (_what, before) => {
    const service = await Service.start('port');
    const connection = await RawConnection.open(service.port);
    await connection.send(before);
    if (before !== '') expect((await connection.answer()).head).toContain('Connection: keep-alive');
    // The server has taken the connection when it has answered a later one.
    await fetch(`${service.url}/healthz`);
    service.signal('SIGTERM');
    await service.stopping();
    await connection.send(REQUEST);
    const { status, head } = await connection.answer();
    expect([status, head]).toEqual([200, expect.stringContaining('Connection: close')]);
    await connection.closed;
  });

  test('a connection that comes meanwhile waits for the next one', async () => {
    const service = await Service.start('port');
    // Keeps the first one waiting for a request.
    const idle = await RawConnection.open(service.port);
    await fetch(`${service.url}/healthz`);
    service.signal('SIGTERM');
    await service.stopping();
    const connection = await RawConnection.open(service.port);
    await connection.send(REQUEST);
    const { status, head } = await connection.answer();
    expect([status, head]).toEqual([200, expect.stringContaining('Connection: keep-alive')]);
    expect(service.processes).toHaveLength(2);
    connection.end();
    await idle.closed;
  });
});

test('a Unix socket is told by its path, and stays where it is', async () => {
  const path = join(await temporaryDirectory(), 'kv.sock');
  const service = await Service.start(path);
  expect(service.url).toBe(`unix:${path}`);
  service.signal('SIGTERM');
  await service.listened(2);
  expect(existsSync(path)).toBe(true);
});

test('on a port TLS is spoken there too', async () => {
  const directory = await temporaryDirectory();
  const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
  await writeFile(cert, CERTIFICATE.cert);
  await writeFile(key, CERTIFICATE.key);
  const service = await Service.start('port', '--tls-cert', cert, '--tls-key', key);
  expect(service.url).toMatch(/^https:/);
  const answer = new Promise((resolve, reject) => {
    secureRequest(`${service.url}/healthz`, { ca: CERTIFICATE.cert, agent: false }, response => resolve(text(response)))
      .on('error', reject)
      .end();
  });
  expect(await answer).toBe('{"status":"ok"}\n');
});

test('systemd itself passes a socket as it is expected, and its first connection starts the server', async () => {
  const directory = await temporaryDirectory();
  const path = join(directory, 'kv.sock');
  const argv = ['-l', path, '-E', `FREEHOLD_TOKEN=${TOKEN}`, ...SERVE, '--data', join(directory, 'data')];
  const running = new Running('systemd-socket-activate', argv, {});
  await expect.poll(() => existsSync(path)).toBe(true);
  const answer = new Promise((resolve, reject) => {
    request({ socketPath: path, path: '/healthz', agent: false }, response => resolve(text(response)))
      .on('error', reject)
      .end();
  });
  await running.output(new RegExp(`"url":"unix:${path}".*"msg":"listening"`));
  expect(await answer).toBe('{"status":"ok"}\n');
});

test.each([
  [
    'a descriptor that is no socket',
    { LISTEN_FDS: '1' },
    'cannot listen on the socket that was passed as descriptor 3',
  ],
  ['nothing', {}, 'cannot listen on systemd: no sockets were passed'],
])('a server that was passed %s says so', async (_what, environment, message) => {
  const script = 'LISTEN_PID=$$ exec "$@" 3</dev/null';
  const argv = ['-c', script, 'sh', ...SERVE, '--data', await temporaryDirectory()];
  const { code, stderr } = await new Running('sh', argv, { ...environment, FREEHOLD_TOKEN: TOKEN }).finished;
  expect(code).not.toBe(0);
  expect(stderr).toMatch(new RegExp(`^freehold: ${message}.*\n$`));
});

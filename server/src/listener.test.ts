import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, createServer, get, type IncomingMessage, type ServerOptions } from 'node:http';
import { connect, type ListenOptions, Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { type Duplex, PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { LIMITS } from './kv/limits.ts';
import type { ListenAddress } from './listen-address.ts';
import { Listener } from './listener.ts';

const PORT: ListenAddress = { host: '127.0.0.1', port: 0 };

let directory: string;
let socket: ListenAddress & { path: string };
const opened: Listener[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'freehold-listener-'));
  socket = { path: join(directory, 'kv.sock') };
});

afterEach(async () => {
  vi.useRealTimers();
  for (const listener of opened.splice(0)) await listener.close();
  await rm(directory, { recursive: true });
});

interface Options extends ServerOptions {
  readonly onClientError?: (error: NodeJS.ErrnoException, connection: Duplex) => void;
}

/** A server whose `/slow` answers what is written to `slow`. */
async function start(addresses: readonly ListenAddress[], { onClientError, ...options }: Options = {}) {
  const slow = new PassThrough();
  const app = createServer(options, ({ url }, response) => {
    if (url === '/slow') slow.pipe(response);
    else response.end('quick');
  });
  if (onClientError) app.on('clientError', onClientError);
  const listener = new Listener(app);
  opened.push(listener);
  await listener.listen(addresses);
  return { listener, urls: listener.urls, slow, cutOff: vi.spyOn(app, 'closeAllConnections') };
}

/** What Node needs to know to connect to a URL of the listener. */
function endOf(url: string) {
  return url.startsWith('unix:')
    ? { path: url.slice('unix:'.length) }
    : { host: new URL(url).hostname, port: Number(new URL(url).port) };
}

async function request(url: string, target: string, keepAlive = true): Promise<IncomingMessage> {
  const { path, ...end } = { path: undefined, ...endOf(url) };
  const agent = new Agent({ keepAlive });
  const [response] = await once(get({ ...end, socketPath: path, path: target, agent }), 'response');
  return response;
}

async function open(url: string): Promise<Socket> {
  const connection = connect(endOf(url));
  await once(connection, 'connect');
  return connection;
}

type Kind = 'socket' | 'port';

/** What a server listens on, and which of it is tried. */
const WAYS: readonly (readonly [string, readonly Kind[], number])[] = [
  ['a port', ['port'], 0],
  ['a socket', ['socket'], 0],
  ['a socket after a port', ['port', 'socket'], 1],
  ['a port after a socket', ['socket', 'port'], 1],
  ['a second port', ['port', 'port'], 1],
];

describe.each(WAYS)('through %s', (_way, kinds, index) => {
  async function startThere(options: Options = {}) {
    const started = await start(
      kinds.map(kind => (kind === 'port' ? PORT : socket)),
      options,
    );
    return { ...started, url: started.urls[index] ?? expect.unreachable('it does not listen there') };
  }

  test('requests are answered', async () => {
    const { url } = await startThere();
    expect(await text(await request(url, '/'))).toBe('quick');
  });

  test('what is not HTTP is answered as the server answers it', async () => {
    const { url } = await startThere({ onClientError: (_error, connection) => connection.end('nonsense') });
    const connection = await open(url);
    connection.write('?\r\n\r\n');
    expect(await text(connection)).toBe('nonsense');
  });

  test('the time that headers may take is the same', async () => {
    const { url } = await startThere({
      connectionsCheckingInterval: 10,
      headersTimeout: 20,
      onClientError: ({ code }, connection) => connection.end(code),
    });
    const connection = await open(url);
    connection.write('GET / HTTP/1.1\r\n');
    expect(await text(connection)).toBe('ERR_HTTP_REQUEST_TIMEOUT');
  });

  test('closing does not wait for idle connections, used before or never', async () => {
    const { listener, url, cutOff } = await startThere();
    await text(await request(url, '/'));
    await open(url);
    await listener.close();
    expect(cutOff).not.toHaveBeenCalled();
  });

  test('closing lets a request in flight be answered, and then does not wait for its connection', async () => {
    const { listener, url, slow, cutOff } = await startThere();
    slow.write('begun, ');
    const response = await request(url, '/slow');
    const closed = listener.close();
    slow.end('done');
    expect(await text(response)).toBe('begun, done');
    await closed;
    expect(cutOff).not.toHaveBeenCalled();
  });

  test('new connections are refused once it is closed', async () => {
    const { listener, url } = await startThere();
    await listener.close();
    await expect(open(url)).rejects.toThrow();
  });

  test('closing cuts off what is still in flight when the time is up', async () => {
    const { listener, url, slow } = await startThere();
    slow.write('begun');
    const response = await request(url, '/slow', false);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const closed = listener.close();
    vi.advanceTimersByTime(LIMITS.shutdownMs);
    await expect(text(response)).rejects.toThrow('aborted');
    await closed;
  });
});

describe('listening', () => {
  test.each([
    ['127.0.0.1', /^http:\/\/127\.0\.0\.1:[1-9]\d*$/],
    ['localhost', /^http:\/\/127\.0\.0\.1:[1-9]\d*$/],
    ['0.0.0.0', /^http:\/\/0\.0\.0\.0:[1-9]\d*$/],
  ])('on %s', async (host, pattern) => {
    const { urls } = await start([{ host, port: 0 }]);
    expect(urls).toEqual([expect.stringMatching(pattern)]);
  });

  test('on a relative path tells the absolute one', async () => {
    const { urls } = await start([{ path: relative(process.cwd(), socket.path) }]);
    expect(urls).toEqual([`unix:${socket.path}`]);
  });

  test('on several addresses keeps their order', async () => {
    const { urls } = await start([socket, PORT]);
    expect(urls).toEqual([`unix:${socket.path}`, expect.stringMatching(/^http:/)]);
  });

  test('on a port in use says what to do', async () => {
    const { urls } = await start([PORT]);
    const { host, port } = new URL(urls[0] ?? '');
    await expect(start([{ host: '127.0.0.1', port: Number(port) }])).rejects.toThrow(
      `cannot listen on ${host}: another server already listens there, or an address before this one, as [::] takes IPv4 too; stop it, or choose another port with --port or --listen`,
    );
  });

  test('when one address cannot be had, names it, and leaves none open after closing', async () => {
    const { urls } = await start([PORT]);
    const { host, port } = new URL(urls[0] ?? '');
    const addresses = [socket, { path: join(directory, 'other.sock') }, { host: '127.0.0.1', port: Number(port) }];
    await expect(start(addresses)).rejects.toThrow(`cannot listen on ${host}: `);
    await opened.pop()?.close();
    for (const path of [socket.path, join(directory, 'other.sock')]) expect(existsSync(path)).toBe(false);
  });

  test('in several threads is refused where the system has no shared ports', async () => {
    const { listen } = Server.prototype;
    const error = Object.assign(new Error('not supported'), { code: 'ENOTSUP', syscall: 'listen' });
    vi.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server, options: ListenOptions) {
      if (options.reusePort) process.nextTick(() => this.emit('error', error));
      else listen.call(this, options);
      return this;
    });
    onTestFinished(() => void vi.restoreAllMocks());
    await expect(new Listener(createServer()).listen([PORT], 'first')).rejects.toThrow(
      'cannot listen on 127.0.0.1:0: on this system several threads cannot listen on one port; leave --threads at 1',
    );
  });
});

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CERTIFICATE } from '../certificates.fixture.ts';
import { temporaryDirectory } from '../cli/process.fixture.ts';
import { OperatorError } from '../operator-error.ts';
import { ApiClient, type ApiClientOptions } from './api-client.ts';
import { RemoteError } from './remote-error.ts';
import type { Timer } from './timer.ts';

const TOKEN = 'a-token-that-nobody-may-see';
const NOW = Date.parse('2027-01-15T08:00:00Z');

/** Does not wait, but moves its clock on. */
class HandTimer implements Timer {
  readonly slept: number[] = [];
  #now = NOW;

  now(): number {
    return this.#now;
  }

  sleep(ms: number): Promise<void> {
    this.slept.push(ms);
    this.#now += ms;
    return Promise.resolve();
  }

  random(): number {
    return 1;
  }
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const good: Handler = (_, response) => response.end('{"success":true,"result":"good","errors":[],"messages":[]}');

function refuse(status: number, headers: Record<string, string> = {}): Handler {
  const errors = [{ code: 10000 + status, message: `refused by ${status}` }];
  return (_, response) => response.writeHead(status, headers).end(JSON.stringify({ success: false, errors }));
}

const hangUp: Handler = request => request.socket.destroy();

/** Answers each request by the next of the handlers, and all that follow by the last. */
async function serverThat(
  ...handlers: Handler[]
): Promise<{ url: string; seen: IncomingMessage[]; stop(): Promise<void> }> {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    handlers[Math.min(seen.length, handlers.length) - 1]?.(request, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const stop = async () => {
    server.closeAllConnections();
    if (server.listening) await once(server.close(), 'close');
  };
  onTestFinished(stop);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, stop };
}

function clientOf(url: string, options: Partial<ApiClientOptions> = {}): { api: ApiClient; timer: HandTimer } {
  const timer = new HandTimer();
  const api = new ApiClient({ url, token: TOKEN, timer, ...options });
  onTestFinished(() => api.close());
  return { api, timer };
}

const asText = (result: unknown) => (typeof result === 'string' ? result : undefined);
const get = (api: ApiClient, path = '/x') => api.json({ method: 'GET', path }, asText);

async function failureOf(promise: Promise<unknown>): Promise<RemoteError> {
  const error = await promise.then(
    () => undefined,
    reason => reason,
  );
  expect(error).toBeInstanceOf(RemoteError);
  expect(JSON.stringify([String(error), error])).not.toContain(TOKEN);
  return error as RemoteError;
}

describe('a request', () => {
  test('carries the token, its query with repeated members, and nothing for what is undefined', async () => {
    const { url, seen } = await serverThat(good);
    const { api } = clientOf(`${url}/behind/a/path`);
    const query = { prefix: 'a b&c', limit: 10, where: ['x=1', 'y=2'], after: undefined };
    await api.json({ method: 'GET', path: '/x', query }, asText);
    expect(seen[0]?.url).toBe('/behind/a/path/x?prefix=a+b%26c&limit=10&where=x%3D1&where=y%3D2');
    expect(seen[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  });

  test('carries no credentials where there is no token', async () => {
    const { url, seen } = await serverThat(good);
    await get(clientOf(url, { token: undefined }).api);
    expect(seen[0]?.headers).not.toHaveProperty('authorization');
  });

  test.each([
    ['a text', 'body of ä'],
    ['bytes', Buffer.from('body of ä')],
    ['a stream', Readable.from([Buffer.from('body '), Buffer.from('of ä')])],
  ])('sends %s as its body', async (_, body) => {
    const { url } = await serverThat(async (request, response) => {
      response.end(JSON.stringify({ success: true, result: await text(request), errors: [] }));
    });
    const sent = clientOf(url).api.json({ method: 'PUT', path: '/x', body, contentType: 'text/plain' }, asText);
    expect((await sent).result).toBe('body of ä');
  });

  test('goes through a Unix socket', async () => {
    const socket = join(await temporaryDirectory(), 'kv.sock');
    const server = createServer(good);
    await once(server.listen(socket), 'listening');
    onTestFinished(async () => void (await once(server.close(), 'close')));
    const { api } = clientOf(`unix:${socket}`);
    expect((await get(api)).result).toBe('good');
    await api.close();
  });

  test('goes by TLS to a server whose certificate the given file vouches for, and to no other', async () => {
    const server = createSecureServer(CERTIFICATE, good);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(async () => void (await once(server.close(), 'close')));
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { api } = clientOf(url, { ca: CERTIFICATE.cert });
    expect((await get(api)).result).toBe('good');
    await api.close();
    expect((await failureOf(get(clientOf(url).api))).reason).toContain('self-signed certificate');
  });
});

describe('an answer', () => {
  test('gives the result and the result_info of the envelope', async () => {
    const { url } = await serverThat((_, response) => {
      response.end('{"success":true,"result":"good","errors":[],"messages":[],"result_info":{"count":1}}');
    });
    expect(await get(clientOf(url).api)).toEqual({ result: 'good', info: { count: 1 } });
  });

  test('gives its bytes, status and headers', async () => {
    const { url } = await serverThat((_, response) =>
      response.writeHead(200, { expiration: '1' }).end(Buffer.of(0, 255)),
    );
    const { status, headers, body } = await clientOf(url).api.bytes({ method: 'GET', path: '/x' });
    expect({ status, expiration: headers['expiration'], body: [...body] }).toEqual({
      status: 200,
      expiration: '1',
      body: [0, 255],
    });
  });

  test('is streamed: the first piece is there before the last was sent', async () => {
    let finish = () => {};
    const { url } = await serverThat((_, response) => {
      response.write('first');
      finish = () => response.end('last');
    });
    const { body } = await clientOf(url).api.send({ method: 'GET', path: '/x' });
    const pieces: string[] = [];
    for await (const piece of body) {
      pieces.push(Buffer.from(piece).toString());
      if (pieces.length === 1) finish();
    }
    expect(pieces).toEqual(['first', 'last']);
  });

  test('that breaks off in its stream is an error of one line, and not asked for again', async () => {
    const { url, seen } = await serverThat((request, response) => {
      response.write('first', () => request.socket.destroy());
    });
    const { body } = await clientOf(url).api.send({ method: 'GET', path: '/x' });
    const failure = await failureOf(buffer(body));
    expect(failure.message).toContain(`no answer from ${url} to GET /x: `);
    expect(seen).toHaveLength(1);
  });

  test.each([
    ['a page of something else', '<html>', 'not an answer of the API'],
    ['JSON of something else', '{"a":1}', 'not an answer of the API'],
    ['an envelope with another result', '{"success":true,"result":7,"errors":[]}', 'not an answer of the API'],
    ['an envelope that says no', '{"success":false,"errors":[{"code":7,"message":"no"}]}', 'no (code 7)'],
  ])('with %s is an error', async (_, body, reason) => {
    const { url } = await serverThat((_request, response) => response.end(body));
    expect((await failureOf(get(clientOf(url).api))).message).toBe(`${url} answers GET /x with 200: ${reason}`);
  });

  test('with a refusal is an error with status, code, words and request', async () => {
    const { url, seen } = await serverThat(refuse(404));
    const failure = await failureOf(get(clientOf(url).api));
    expect(failure).toMatchObject({ status: 404, code: 10404, reason: 'refused by 404', request: 'GET /x' });
    expect(failure.message).toBe(`${url} answers GET /x with 404: refused by 404 (code 10404)`);
    expect(seen).toHaveLength(1);
  });

  test('cannot write to the terminal what is not text', async () => {
    const { url } = await serverThat((_, response) => {
      response.writeHead(400).end(JSON.stringify({ success: false, errors: [{ message: 'a\u001b[2Jb\r\nc\u202e' }] }));
    });
    expect((await failureOf(get(clientOf(url).api))).message).toMatch(/400: a \[2Jb c$/);
  });

  test('that sends elsewhere is an error that says where', async () => {
    const { url } = await serverThat((_, response) => {
      response.writeHead(301, { location: 'https://kv.example.com/x' }).end();
    });
    expect((await failureOf(get(clientOf(url).api))).message).toContain('to https://kv.example.com/x');
  });
});

describe('a call is repeated', () => {
  test.each([429, 500, 502, 503, 504])('after status %d', async status => {
    const { url, seen } = await serverThat(refuse(status), refuse(status), good);
    const { api, timer } = clientOf(url);
    expect((await get(api)).result).toBe('good');
    expect(timer.slept).toEqual([250, 500]);
    expect(seen).toHaveLength(3);
  });

  test('after a connection that broke, with its body again', async () => {
    const { url } = await serverThat(good, hangUp, async (request, response) => {
      response.end(JSON.stringify({ success: true, result: await text(request), errors: [] }));
    });
    const { api } = clientOf(url);
    await get(api);
    const again = await api.json({ method: 'PUT', path: '/x', body: Buffer.from('all of it') }, asText);
    expect(again.result).toBe('all of it');
  });

  test('after an envelope that broke off', async () => {
    const { url } = await serverThat((request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"succ', () => request.socket.destroy());
    }, good);
    expect((await get(clientOf(url).api)).result).toBe('good');
  });

  test('no sooner than Retry-After says, in seconds or as a date', async () => {
    const date = new Date(NOW + 60_000).toUTCString();
    const { url } = await serverThat(refuse(429, { 'retry-after': '7' }), refuse(503, { 'retry-after': date }), good);
    const { api, timer } = clientOf(url);
    await get(api);
    expect(timer.slept).toEqual([7_000, 53_000]);
  });

  test('with ever longer breaks, and then given up', async () => {
    const { url, seen } = await serverThat(refuse(500));
    const { api, timer } = clientOf(url, { attempts: 8 });
    expect((await failureOf(get(api))).status).toBe(500);
    expect(timer.slept).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000]);
    expect(seen).toHaveLength(8);
  });
});

describe('a call is made once', () => {
  test.each([400, 401, 403, 404, 409, 413, 507])('where status %d says that it is in vain', async status => {
    const { url, seen } = await serverThat(refuse(status), good);
    expect((await failureOf(get(clientOf(url).api))).status).toBe(status);
    expect(seen).toHaveLength(1);
  });

  test('where its body is a stream', async () => {
    const { url, seen } = await serverThat(refuse(503), good);
    const body = Readable.from([Buffer.from('gone')]);
    await failureOf(clientOf(url).api.json({ method: 'PUT', path: '/x', body }, asText));
    expect(seen).toHaveLength(1);
  });

  test('where no server was ever reached: the URL is wrong rather than the server restarting', async () => {
    const { url, stop } = await serverThat(good);
    await stop();
    const { api, timer } = clientOf(url);
    expect((await failureOf(get(api))).message).toMatch(/^no answer from \S+ to GET \/x: connect ECONNREFUSED/);
    expect(timer.slept).toEqual([]);
  });

  test('where the server asks to wait longer than anybody would', async () => {
    const { url, seen } = await serverThat(refuse(429, { 'retry-after': '3600' }), good);
    expect((await failureOf(get(clientOf(url).api))).retryAfterMs).toBe(3_600_000);
    expect(seen).toHaveLength(1);
  });

  test('where what the body is read from fails, which is told as it is', async () => {
    const { url } = await serverThat(async (request, response) => response.end(await text(request).catch(() => '')));
    const pieces = function* () {
      yield Buffer.from('first');
      throw new OperatorError('the file has changed');
    };
    const body = Readable.from(pieces());
    const sent = clientOf(url).api.json({ method: 'PUT', path: '/x', body }, asText);
    await expect(sent).rejects.toThrow(/^the file has changed$/);
  });
});

test('a pace lets so many calls begin in a window, and holds the others back in their order', async () => {
  const { url, seen } = await serverThat(good);
  const { api, timer } = clientOf(url, { pace: { calls: 2, windowMs: 1_000 } });
  for (let call = 0; call < 5; call++) await get(api);
  expect(timer.slept).toEqual([1_000, 1_000]);
  expect(seen).toHaveLength(5);
});

describe('an abort', () => {
  test('ends a call that is under way with its reason, and refuses others', async () => {
    const arrived = Promise.withResolvers<void>();
    const { url, seen } = await serverThat(() => arrived.resolve());
    const controller = new AbortController();
    const { api } = clientOf(url, { signal: controller.signal });
    const call = get(api);
    await arrived.promise;
    controller.abort(new Error('stopped by hand'));
    await expect(call).rejects.toThrow('stopped by hand');
    await expect(get(api)).rejects.toThrow('stopped by hand');
    expect(seen).toHaveLength(1);
  });

  test('ends a stream that is being read', async () => {
    const { url } = await serverThat((_, response) => void response.write('first'));
    const controller = new AbortController();
    const { api } = clientOf(url, { signal: controller.signal });
    const { body } = await api.send({ method: 'GET', path: '/x' });
    const reading = (async () => {
      for await (const _ of body) controller.abort(new Error('stopped by hand'));
    })();
    await expect(reading).rejects.toThrow('stopped by hand');
  });
});

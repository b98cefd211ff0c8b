import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fastify } from 'fastify';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { LIMITS } from './kv/limits.ts';
import { Listener } from './listener.ts';

const LOOPBACK = { host: '127.0.0.1', port: 0 };

/** A server whose `/slow` answers what is written to `slow`. */
async function start() {
  const slow = new PassThrough();
  const app = fastify();
  app.get('/', () => 'quick');
  app.get('/slow', () => slow);
  const listener = new Listener(app);
  const url = await listener.listen(LOOPBACK);
  return { listener, url, slow };
}

async function request(url: string, agent: Agent): Promise<IncomingMessage> {
  const [response] = await once(get(url, { agent }), 'response');
  return response;
}

afterEach(() => {
  vi.useRealTimers();
});

describe('closing', () => {
  test('does not wait for idle connections, used before or never', async () => {
    const { listener, url } = await start();
    await text(await request(url, new Agent({ keepAlive: true })));
    const never = connect(Number(new URL(url).port), '127.0.0.1');
    await once(never, 'connect');
    const begun = performance.now();
    await listener.close();
    expect(performance.now() - begun).toBeLessThan(LIMITS.shutdownMs / 2);
  });

  test('lets a request in flight be answered, and then does not wait for its connection', async () => {
    const { listener, url, slow } = await start();
    slow.write('begun, ');
    const response = await request(`${url}/slow`, new Agent({ keepAlive: true }));
    const begun = performance.now();
    const closed = listener.close();
    slow.end('done');
    expect(await text(response)).toBe('begun, done');
    await closed;
    expect(performance.now() - begun).toBeLessThan(LIMITS.shutdownMs / 2);
  });

  test('refuses new connections', async () => {
    const { listener, url } = await start();
    await listener.close();
    await expect(fetch(url)).rejects.toThrow();
  });

  test('cuts off what is still in flight when the time is up', async () => {
    const { listener, url, slow } = await start();
    slow.write('begun');
    const response = await request(`${url}/slow`, new Agent());
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
    const listener = new Listener(fastify());
    expect(await listener.listen({ host, port: 0 })).toMatch(pattern);
    await listener.close();
  });

  test('on a port in use says what to do', async () => {
    const { listener, url } = await start();
    const { host, port } = new URL(url);
    const second = new Listener(fastify());
    await expect(second.listen({ host: '127.0.0.1', port: Number(port) })).rejects.toThrow(
      `cannot listen on ${host}: another server already listens there; stop it, or choose another port with --port`,
    );
    await second.close();
    await listener.close();
  });
});

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeServer, silent } from './fetch.fixture.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A response whose body never ends; it ends with the request, as in a real `fetch`. */
function endless({ asked }: FakeServer): Response {
  const signal = asked.at(-1)?.init.signal;
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new Uint8Array([1]));
      signal?.addEventListener('abort', () => controller.error(signal.reason));
    },
  });
  return new Response(body);
}

test('an attempt without an answer ends after a minute', async () => {
  const server = new FakeServer(silent);
  const outcome = expect(server.connect().put('key', 'value')).rejects.toMatchObject({
    message: 'KV PUT failed: no answer within 60000 ms',
    status: undefined,
    cause: expect.objectContaining({ name: 'TimeoutError' }),
  });
  await vi.advanceTimersByTimeAsync(59_999);
  expect(vi.getTimerCount()).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  await outcome;
});

test('each attempt has its own time', async () => {
  const server = new FakeServer(silent, silent, () => new Response('late'));
  const value = server.connect({ timeoutMs: 5_000 }).get('key');
  await vi.advanceTimersByTimeAsync(11_000);
  expect(await value).toBe('late');
});

test('a value that does not end in time is asked for again', async () => {
  const server: FakeServer = new FakeServer(
    () => endless(server),
    () => new Response('whole'),
  );
  const value = server.connect({ timeoutMs: 5_000 }).get('key', 'arrayBuffer');
  await vi.advanceTimersByTimeAsync(6_000);
  expect(await value).toEqual(new TextEncoder().encode('whole').buffer);
});

test('a stream may take as long as it takes, once it has begun', async () => {
  const server: FakeServer = new FakeServer(() => endless(server));
  const stream = await server.connect({ timeoutMs: 5_000 }).get('key', 'stream');
  const reader = stream?.getReader();
  expect(await reader?.read()).toEqual({ done: false, value: new Uint8Array([1]) });
  expect(vi.getTimerCount()).toBe(0);
});

test("the caller's signal ends a stream that is being read", async () => {
  const controller = new AbortController();
  const server: FakeServer = new FakeServer(() => endless(server));
  const stream = await server.connect().get('key', { type: 'stream', signal: controller.signal });
  controller.abort(new RangeError('enough'));
  await expect(stream?.getReader().read()).rejects.toThrow('enough');
});

test('no timer is left behind', async () => {
  const server = new FakeServer(() => new Response('value'));
  await server.connect().get('key');
  expect(vi.getTimerCount()).toBe(0);
});

import { afterEach, describe, expect, test, vi } from 'vitest';
import { FakeServer, found, NAMESPACE, URL_OF_SERVER } from './fetch.fixture.ts';
import { type ConnectOptions, connect } from './index.ts';

const GOOD: ConnectOptions = { url: URL_OF_SERVER, namespace: NAMESPACE, token: 'token' };

afterEach(() => {
  vi.unstubAllGlobals();
});

/** `connect` as a program without types calls it. */
function connectAny(options: unknown): unknown {
  return Reflect.apply(connect, undefined, [options]);
}

describe('a wrong option is refused at once, by its name', () => {
  test.each([
    [{ url: undefined }, '"url" must be an http or https URL, not "undefined"'],
    [{ url: 'localhost:8787' }, '"url" must be an http or https URL, not "localhost:8787"'],
    [{ url: '/kv' }, '"url" must be an http or https URL, not "/kv"'],
    [{ url: 'unix:/run/freehold.sock' }, '"url" must be an http or https URL, not "unix:/run/freehold.sock"'],
    [{ url: 'http://h/?a=b' }, '"url" must be without a query and a fragment, not "http://h/?a=b"'],
    [{ url: 'http://h/#a' }, '"url" must be without a query and a fragment, not "http://h/#a"'],
    [{ url: 'http://user:word@h/' }, '"url" must not hold credentials: the token is an option'],
    [{ namespace: undefined }, '"namespace" must be 32 hexadecimal digits, not undefined'],
    [{ namespace: 'KV' }, '"namespace" must be 32 hexadecimal digits, not "KV"'],
    [{ account: 'main' }, '"account" must be 32 hexadecimal digits, not "main"'],
    [{ token: undefined }, '"token" must be a string of printable ASCII characters without spaces'],
    [{ token: '' }, '"token" must be a string of printable ASCII characters without spaces'],
    [{ token: 'two words' }, '"token" must be a string of printable ASCII characters without spaces'],
    [{ fetch: 'node-fetch' }, '"fetch" must be a function, not "node-fetch"'],
    [{ timeoutMs: 0 }, '"timeoutMs" must be an integer from 1 to 2147483647, not 0'],
    [{ timeoutMs: '1000' }, '"timeoutMs" must be an integer from 1 to 2147483647, not "1000"'],
    [{ timeoutMs: 2 ** 31 }, '"timeoutMs" must be an integer from 1 to 2147483647, not 2147483648'],
    [{ retries: -1 }, '"retries" must be an integer from 0 to 100, not -1'],
    [{ retries: 1.5 }, '"retries" must be an integer from 0 to 100, not 1.5'],
    [{ signal: {} }, '"signal" must be an AbortSignal'],
  ])('%j', (wrong, message) => {
    expect(() => connectAny({ ...GOOD, ...wrong })).toThrow(new TypeError(message));
  });

  test('all of them, where there are none', () => {
    const message = 'connect() needs options: "url", "namespace" and "token"';
    expect(() => connectAny(undefined)).toThrow(new TypeError(message));
  });
});

test.each([
  ['http://h', 'http://h'],
  ['https://h:8443/', 'https://h:8443'],
  ['http://h/kv', 'http://h/kv'],
  ['http://h/a/b//', 'http://h/a/b'],
  [new URL('http://[::1]:1/kv/'), 'http://[::1]:1/kv'],
])('the url %s leads below %s', async (url, base) => {
  const server = new FakeServer(found);
  await server.connect({ url }).get('key');
  expect(server.onlyAsked.url).toBe(`${base}/binding/${NAMESPACE}/key?urlencoded=true`);
});

test('every request carries the token, and the account where there is one', async () => {
  const server = new FakeServer(found);
  await server.connect().get('key');
  await server.connect({ account: '00000000000000000000000000000001' }).put('key', 'value');
  expect(server.asked.map(({ init }) => init.headers)).toEqual([
    { authorization: 'Bearer token' },
    { authorization: 'Bearer token', 'freehold-account': '00000000000000000000000000000001' },
  ]);
});

test('without a fetch of its own, it calls the global one that there is at that moment', async () => {
  const kv = connect(GOOD);
  const global = vi.fn(() => Promise.resolve(new Response('value')));
  vi.stubGlobal('fetch', global);
  expect(await kv.get('key')).toBe('value');
  expect(global).toHaveBeenCalledOnce();
});

test('a signal that is none is refused in a call, too', async () => {
  const options: object = { signal: new AbortController() };
  await expect(new FakeServer(found).connect().put('key', 'value', options)).rejects.toThrow(
    new TypeError('"signal" must be an AbortSignal'),
  );
});

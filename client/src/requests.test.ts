/** What goes out: workerd's protocol, and what Freehold adds to it. */
import { describe, expect, test } from 'vitest';
import { FakeServer, NAMESPACE, URL_OF_SERVER } from './fetch.fixture.ts';
import type { FreeholdNamespace } from './index.ts';

type Run = (kv: FreeholdNamespace) => Promise<unknown>;

const EMPTY_LIST = () => Response.json({ keys: [], list_complete: true });
const BULK_DONE = () => Response.json({ successful_key_count: 1, unsuccessful_keys: [] });

/** Method, what stands behind the namespace, and the body as JSON. */
async function sent(run: Run, answer: () => Response): Promise<unknown[]> {
  const server = new FakeServer(answer);
  await run(server.connect());
  const { url, init } = server.onlyAsked;
  const base = `${URL_OF_SERVER}/binding/${NAMESPACE}`;
  expect(url.startsWith(base)).toBe(true);
  const body = typeof init.body === 'string' && init.body.startsWith('{') ? JSON.parse(init.body) : init.body;
  return [init.method, url.slice(base.length), body];
}

describe('a pair', () => {
  test.each<[string, Run, unknown[]]>([
    ['get', kv => kv.get('a/b +ü'), ['GET', '/a%2Fb%20%2B%C3%BC?urlencoded=true', null]],
    ['get', kv => kv.get('k', { type: 'json', cacheTtl: 60 }), ['GET', '/k?urlencoded=true&cache_ttl=60', null]],
    ['getWithMetadata', kv => kv.getWithMetadata('bulk/get'), ['GET', '/bulk%2Fget?urlencoded=true', null]],
    ['put', kv => kv.put('k', 'text'), ['PUT', '/k?urlencoded=true', 'text']],
    ['put', kv => kv.put('k', new Uint8Array([1])), ['PUT', '/k?urlencoded=true', new Uint8Array([1])]],
    [
      'put',
      kv => kv.put('k', '', { expirationTtl: 60, expiration: 2_000_000_000 }),
      ['PUT', '/k?urlencoded=true&expiration=2000000000&expiration_ttl=60', ''],
    ],
    ['delete', kv => kv.delete('../k'), ['DELETE', '/..%2Fk?urlencoded=true', null]],
  ])('%s', async (_, run, expected) => {
    expect(await sent(run, () => new Response('[1]'))).toEqual(expected);
  });
});

describe('a listing', () => {
  test.each<[string, Run, string]>([
    ['all', kv => kv.list(), '/'],
    ['by a prefix', kv => kv.list({ prefix: 'a b+é' }), '/?prefix=a+b%2B%C3%A9'],
    ['of everything', kv => kv.list({ cursor: 'c', prefix: '', limit: 5 }), '/?key_count_limit=5&prefix=&cursor=c'],
    ['without a limit of nothing', kv => kv.list({ limit: 0 }), '/'],
  ])('%s', async (_, run, path) => {
    expect(await sent(run, EMPTY_LIST)).toEqual(['GET', path, null]);
  });
});

describe('many keys', () => {
  test.each<[string, Run, unknown]>([
    ['as text', kv => kv.get(['a', 'b']), { keys: ['a', 'b'] }],
    ['as JSON', kv => kv.get(['a'], { type: 'json', cacheTtl: 60 }), { keys: ['a'], type: 'json', cacheTtl: '60' }],
    ['with metadata', kv => kv.getWithMetadata(['a'], 'text'), { keys: ['a'], type: 'text', withMetadata: true }],
  ])('get %s', async (_, run, body) => {
    expect(await sent(run, () => Response.json({ a: null }))).toEqual(['POST', '/bulk/get', body]);
  });

  test('putMany', async () => {
    const pairs = [
      { key: 'text', value: 'é', expiration: 2_000_000_000, metadata: { a: 1 } },
      { key: 'bytes', value: new Uint8Array([0xff, 0xfe]), expirationTtl: 60.9 },
    ];
    const [method, path, body] = await sent(kv => kv.putMany(pairs), BULK_DONE);
    expect([method, path, JSON.parse(String(body))]).toEqual([
      'POST',
      '/bulk/put',
      [
        { key: 'text', value: 'é', expiration: 2_000_000_000, metadata: { a: 1 } },
        { key: 'bytes', value: '//4=', base64: true, expiration_ttl: 60 },
      ],
    ]);
  });

  test('deleteMany', async () => {
    const [method, path, body] = await sent(kv => kv.deleteMany(new Set(['a', 'é'])), BULK_DONE);
    expect([method, path, JSON.parse(String(body))]).toEqual(['POST', '/bulk/delete', ['a', 'é']]);
  });
});

describe('metadata', () => {
  async function header(metadata: unknown): Promise<string | undefined> {
    const server = new FakeServer(() => new Response());
    await server.connect().put('key', 'value', { metadata });
    return new Headers(server.onlyAsked.init.headers).get('cf-kv-metadata') ?? undefined;
  }

  test.each([
    ['goes out as the bytes of its JSON in UTF-8', { é: '🤓' }, '{"Ã©":"ð\u009f¤\u0093"}'],
    ['with escapes for all control characters', '\u0000\n\u007f', '"\\u0000\\n\\u007f"'],
    ['also where it is not an object', false, 'false'],
    ['not at all where it is null', null, undefined],
    ['not at all where it is undefined', undefined, undefined],
  ])('%s', async (_, metadata, expected) => {
    expect(await header(metadata)).toBe(expected);
  });

  test('that is no JSON lets no request out', async () => {
    const server = new FakeServer(() => new Response());
    await expect(server.connect().put('key', 'value', { metadata: 1n })).rejects.toThrow(TypeError);
    expect(server.asked).toHaveLength(0);
  });
});

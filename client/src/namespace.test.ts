/** The client and the real server. */
import { beforeAll, describe, expect, test } from 'vitest';
import { TOKEN, useFreehold } from '../../test/clients/freehold.fixture.ts';
import { type ConnectOptions, connect, type FreeholdNamespace } from './index.ts';

const VALUE_BYTES_MAX = 25 * 1024 * 1024;
const FAR_S = 2_000_000_000;

const freehold = useFreehold();
let namespace: string;
let kv: FreeholdNamespace;

beforeAll(async () => {
  namespace = await freehold.createNamespace('client');
  kv = connectTo({});
});

function connectTo(options: Partial<ConnectOptions>): FreeholdNamespace {
  return connect({ url: freehold.url, namespace, token: TOKEN, ...options });
}

/** A namespace that holds nothing else. */
async function emptyNamespace(title: string): Promise<FreeholdNamespace> {
  return connectTo({ namespace: await freehold.createNamespace(title) });
}

const ODD_KEYS = [
  'a/b',
  'a%2Fb',
  '..%2Fup',
  '../up',
  '/',
  '//host/path',
  '...',
  '?a=b#c',
  'a+b c',
  'nul\u0000 newline\r\n del\u007f',
  '🤓é',
  '\ufeffbom',
  'bulk/get',
  '__proto__',
  'constructor',
  '0',
  '42',
  '4294967294',
  'k'.repeat(512),
  '🤓'.repeat(128),
];

describe('odd keys', () => {
  test.each(ODD_KEYS)('%j', async key => {
    await kv.put(key, `of ${key}`, { metadata: { of: key } });
    expect(await freehold.value(namespace, key)).toEqual(Buffer.from(`of ${key}`));
    expect(await kv.getWithMetadata(key)).toEqual({ value: `of ${key}`, metadata: { of: key }, cacheStatus: null });
    expect((await kv.list({ prefix: key })).keys).toEqual([{ name: key, metadata: { of: key } }]);
    await kv.delete(key);
    expect(await kv.get(key)).toBeNull();
  });

  test('all at once, in the order in which they are asked for', async () => {
    const own = await emptyNamespace('odd keys');
    await own.putMany(ODD_KEYS.map(key => ({ key, value: key, metadata: [key] })));
    expect([...(await own.get([...ODD_KEYS, 'missing']))]).toEqual([
      ...ODD_KEYS.map(key => [key, key]),
      ['missing', null],
    ]);
    expect([...(await own.getWithMetadata(['42', 'missing', '__proto__', '0']))]).toEqual([
      ['42', { value: '42', metadata: ['42'] }],
      ['missing', null],
      ['__proto__', { value: '__proto__', metadata: ['__proto__'] }],
      ['0', { value: '0', metadata: ['0'] }],
    ]);
    await own.deleteMany(ODD_KEYS);
    expect((await own.list()).keys).toEqual([]);
  });

  test('a lone surrogate is refused, wherever it would change another key', async () => {
    const text = /^KV \w+ failed: 400 Could not URL-decode key name$/;
    const key = 'a\ud800';
    await expect(kv.get(key)).rejects.toThrow(text);
    await expect(kv.put(key, '')).rejects.toThrow(text);
    await expect(kv.delete(key)).rejects.toThrow(text);
    await expect(kv.putMany([{ key, value: '' }])).rejects.toThrow(text);
    await expect(kv.deleteMany([key])).rejects.toThrow(text);
    expect(await kv.get([key])).toEqual(new Map([[key, null]]));
  });
});

describe('values', () => {
  const BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte);

  test.each([
    ['a view', BYTES],
    ['a buffer', BYTES.buffer],
    ['a stream', new Blob([BYTES]).stream()],
  ])('bytes of %s come back as they went', async (_, value) => {
    await kv.put('bytes', value);
    expect(new Uint8Array((await kv.get('bytes', 'arrayBuffer')) ?? [])).toEqual(BYTES);
    expect(await new Response(await kv.get('bytes', 'stream')).bytes()).toEqual(BYTES);
  });

  test('many of them, bytes too', async () => {
    await kv.putMany([
      { key: 'many/bytes', value: BYTES, expiration: FAR_S, metadata: 1 },
      { key: 'many/text', value: '\ufeffé', expirationTtl: 3600 },
    ]);
    expect(await freehold.value(namespace, 'many/bytes')).toEqual(Buffer.from(BYTES));
    expect(await kv.get(['many/text'])).toEqual(new Map([['many/text', '\ufeffé']]));
    expect((await kv.list({ prefix: 'many/' })).keys).toEqual([
      { name: 'many/bytes', expiration: FAR_S, metadata: 1 },
      { name: 'many/text', expiration: expect.any(Number) },
    ]);
  });

  test('25 MiB each way, and not a byte more', async () => {
    const value = new Uint8Array(VALUE_BYTES_MAX + 1).fill(0x61);
    const text = `413 Value length of ${VALUE_BYTES_MAX + 1} exceeds limit of ${VALUE_BYTES_MAX}.`;
    await expect(kv.put('large', value)).rejects.toThrow(`KV PUT failed: ${text}`);
    await expect(kv.put('large', new Blob([value]).stream())).rejects.toThrow(`KV PUT failed: ${text}`);
    expect(await kv.get('large')).toBeNull();
    await kv.put('large', new Blob([value.subarray(1)]).stream());
    expect((await kv.get('large'))?.length).toBe(VALUE_BYTES_MAX);
    await kv.put('large', value.subarray(1));
    expect((await kv.get('large', 'arrayBuffer'))?.byteLength).toBe(VALUE_BYTES_MAX);
  });

  test('a stream that breaks off leaves what was there', async () => {
    await kv.put('stream', 'before');
    let chunks = 0;
    const failing = new ReadableStream({
      pull(controller) {
        if (chunks++ < 3) controller.enqueue(new Uint8Array(100_000));
        else controller.error(new RangeError('the source is gone'));
      },
    });
    await expect(kv.put('stream', failing)).rejects.toThrow(new RangeError('the source is gone'));
    expect(await kv.get('stream')).toBe('before');
  });

  test('JSON that is none rejects with a SyntaxError', async () => {
    await kv.put('json', '{"a":');
    await expect(kv.get('json', 'json')).rejects.toThrow(SyntaxError);
    await expect(kv.get(['json'], 'json')).rejects.toThrow(
      'KV GET_BULK failed: 400 At least one of the requested keys corresponds to a non-json value',
    );
  });
});

test.each([
  { any: ['thing', null, 1.5] },
  [],
  'text',
  '',
  0,
  false,
  'é🤓 \u2028 \u007f \u0000 \n "quoted" \ud800',
  'é'.repeat(511),
])('metadata of any type comes back: %j', async metadata => {
  await kv.put('metadata', 'value', { metadata });
  expect((await kv.getWithMetadata('metadata')).metadata).toEqual(metadata);
  expect((await kv.list({ prefix: 'metadata' })).keys).toEqual([{ name: 'metadata', metadata }]);
  expect((await kv.getWithMetadata(['metadata'])).get('metadata')?.metadata).toEqual(metadata);
});

describe('listing', () => {
  const NAMES = Array.from({ length: 2_500 }, (_, index) => `key-${String(index).padStart(4, '0')}`);
  let many: FreeholdNamespace;

  beforeAll(async () => {
    many = await emptyNamespace('many keys');
    await many.putMany(NAMES.map(key => ({ key, value: '' })));
  });

  test('pages end with a cursor, and the last one without', async () => {
    const first = await many.list();
    if (first.list_complete) throw new Error('2,500 keys came as one page');
    expect(first.keys.map(({ name }) => name)).toEqual(NAMES.slice(0, 1_000));
    const last = await many.list({ cursor: first.cursor, prefix: 'key-11', limit: 1_000 });
    expect(last).toEqual({
      keys: NAMES.slice(1_100, 1_200).map(name => ({ name })),
      list_complete: true,
      cacheStatus: null,
    });
  });

  test('keys goes through all pages', async () => {
    const names: string[] = [];
    for await (const { name } of many.keys()) names.push(name);
    expect(names).toEqual(NAMES);
  });

  test('keys goes through those of a prefix', async () => {
    const names: string[] = [];
    for await (const { name } of many.keys({ prefix: 'key-2' })) names.push(name);
    expect(names).toEqual(NAMES.slice(2_000));
  });

  test('a bulk get takes 100 keys, and not one more', async () => {
    expect((await many.get(NAMES.slice(0, 100))).size).toBe(100);
    await expect(many.get(NAMES.slice(0, 101))).rejects.toThrow(
      'KV GET_BULK failed: 400 You can request a maximum of 100 keys',
    );
  });
});

describe('putMany', () => {
  test('stores all pairs or none', async () => {
    const pairs = [
      { key: 'all-or-none', value: 'a' },
      { key: '', value: 'b' },
    ];
    await expect(kv.putMany(pairs)).rejects.toThrow(/^KV PUT_BULK failed: 400 Key names must not be empty/);
    expect(await kv.get('all-or-none')).toBeNull();
  });

  test('takes 10,000 pairs, and not one more', async () => {
    const own = await emptyNamespace('ten thousand');
    const pairs = Array.from({ length: 10_001 }, (_, index) => ({ key: `k${index}`, value: 'v' }));
    await expect(own.putMany(pairs)).rejects.toThrow(/^KV PUT_BULK failed: 4\d\d .*10000/);
    await own.putMany(pairs.slice(1));
    expect(await own.get(['k0', 'k10000'])).toEqual(
      new Map([
        ['k0', null],
        ['k10000', 'v'],
      ]),
    );
  });

  test('and deleteMany do nothing with nothing', async () => {
    await kv.putMany([]);
    await kv.deleteMany([]);
  });
});

describe('who may not', () => {
  const CALLS: readonly ((kv: FreeholdNamespace) => Promise<unknown>)[] = [
    denied => denied.get('key'),
    denied => denied.get(['key']),
    denied => denied.list(),
    denied => denied.put('key', 'value'),
    denied => denied.delete('key'),
    denied => denied.putMany([{ key: 'key', value: 'value' }]),
    denied => denied.deleteMany(['key']),
  ];

  test.each(CALLS)('a wrong token is refused: %s', async call => {
    const error = { status: 401, message: expect.stringContaining('Authentication error') };
    await expect(call(connectTo({ token: 'of-somebody-else' }))).rejects.toMatchObject(error);
  });

  test.each(CALLS)('a namespace that does not exist is not one without keys: %s', async call => {
    const id = 'f'.repeat(32);
    const error = { status: 400, message: expect.stringContaining(id) };
    await expect(call(connectTo({ namespace: id }))).rejects.toMatchObject(error);
  });

  test.each(CALLS)('a namespace is not found in another account: %s', async call => {
    const error = { status: 400, message: expect.stringContaining(namespace) };
    await expect(call(connectTo({ account: 'f'.repeat(32) }))).rejects.toMatchObject(error);
  });
});

test('one namespace is reached through a path that a proxy adds, and with its account', async () => {
  const fetch = (url: string, init: RequestInit) => globalThis.fetch(url.replace('/prefix/', '/'), init);
  const account = '00000000000000000000000000000001';
  const prefixed = connectTo({ url: `${freehold.url}/prefix/`, fetch, account });
  await prefixed.put('key', 'value');
  expect(await kv.get('key')).toBe('value');
});

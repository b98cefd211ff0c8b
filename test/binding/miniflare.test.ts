/** A remote namespace of the real Miniflare: as its worker sees it, and as it gives it to Node. */
import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { useFreehold } from '../clients/freehold.fixture.ts';
import { sdk } from '../clients/sdk.fixture.ts';
import { remoteOf, useMiniflare } from './miniflare.fixture.ts';
import type { BoundNamespace } from './worker.fixture.ts';

const freehold = useFreehold();
const [A, B] = ['a'.repeat(32), 'b'.repeat(32)];
const SHARED = '5'.repeat(32);
const LARGEST = 26_214_400;
let id: string;

const miniflare = useMiniflare(async () => {
  id = await freehold.createNamespace('remote');
  for (const account of [A, B]) {
    await sdk(freehold).post(`/accounts/${account}/storage/kv/namespaces`, { body: { id: SHARED, title: 'shared' } });
  }
  return {
    KV: remoteOf(freehold, id),
    OF_A: remoteOf(freehold, SHARED, { account: A }),
    OF_B: remoteOf(freehold, SHARED, { account: B }),
    OF_BOTH: remoteOf(freehold, SHARED),
    UNKNOWN: remoteOf(freehold, 'f'.repeat(32)),
    WRONG_TOKEN: remoteOf(freehold, id, { token: 'a-token-that-nobody-has' }),
    UNNAMED: new URL('/', freehold.url),
  };
});

describe('in Node', () => {
  let kv: BoundNamespace;

  beforeAll(async () => {
    kv = await miniflare.namespace('KV');
  });

  test('a pair is written, read, listed and deleted', async () => {
    const metadata = { of: ['é', '🤓'] };
    await kv.put('key', '{"a":1}', { metadata, expiration: 2_000_000_000 });
    expect(String(await freehold.value(id, 'key'))).toBe('{"a":1}');
    expect(await kv.get('key')).toBe('{"a":1}');
    expect(await kv.get('key', 'json')).toEqual({ a: 1 });
    expect(Buffer.from((await kv.get('key', 'arrayBuffer')) ?? new ArrayBuffer())).toEqual(Buffer.from('{"a":1}'));
    expect(await kv.getWithMetadata('key')).toEqual({ value: '{"a":1}', metadata, cacheStatus: null });
    const keys = [{ name: 'key', metadata, expiration: 2_000_000_000 }];
    expect(await kv.list()).toEqual({ keys, list_complete: true, cacheStatus: null });
    await kv.delete('key');
    expect(await kv.get('key')).toBe(null);
    expect(await freehold.keys(id)).toEqual([]);
  });

  test('many keys are read in one call', async () => {
    await kv.put('text', 'é', { metadata: 'm' });
    await kv.put('json', '[1]');
    expect(await kv.get(['text', 'missing'])).toEqual(
      new Map([
        ['text', 'é'],
        ['missing', null],
      ]),
    );
    expect((await kv.get(['json'], 'json')).get('json')).toEqual([1]);
    expect((await kv.getWithMetadata(['text'])).get('text')).toEqual({ value: 'é', metadata: 'm' });
    await Promise.all(['text', 'json'].map(key => kv.delete(key)));
  });

  test('pages are gone through by cursor', async () => {
    const names = Array.from({ length: 25 }, (_, index) => `page/${index + 10}`);
    await Promise.all(names.map(name => kv.put(name, 'x')));
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<BoundNamespace['list']>> = await kv.list({ prefix: 'page/', limit: 10, cursor });
      found.push(...page.keys.map(({ name }) => name));
      cursor = page.list_complete ? null : page.cursor;
    } while (cursor !== null);
    expect(found).toEqual(names);
    await Promise.all(names.map(name => kv.delete(name)));
  });

  test.each([
    'a/b',
    '../up',
    '%2F',
    '%',
    'a+b c',
    '?x=y#z',
    'nul\0',
    'line\nbreak',
    '🤓',
    '__proto__',
    'é'.repeat(256),
  ])('the key %j is the same one to every operation', async key => {
    await kv.put(key, `value of ${key}`);
    expect(await freehold.keys(id)).toEqual([{ name: key }]);
    expect(await kv.get(key)).toBe(`value of ${key}`);
    expect((await kv.list({ prefix: key })).keys).toEqual([{ name: key }]);
    expect([...(await kv.get([key]))]).toEqual([[key, `value of ${key}`]]);
    await kv.delete(key);
    expect(await freehold.keys(id)).toEqual([]);
  });

  // Not as buffers: to turn them into text and back, Miniflare keeps Node busy until its own connection is closed.
  test('the largest value is streamed both ways', async () => {
    const bytes = Uint8Array.from(randomBytes(LARGEST));
    await kv.put('large', new Blob([bytes]).stream());
    expect((await freehold.value(id, 'large'))?.equals(bytes)).toBe(true);
    const chunks: Uint8Array[] = [];
    for await (const chunk of (await kv.get('large', 'stream')) ?? []) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    await kv.delete('large');
  });

  test('errors are those of a binding', async () => {
    await expect(kv.put('key', 'x', { expirationTtl: 5 })).rejects.toThrow(
      'KV PUT failed: 400 Invalid expiration_ttl of 5. Expiration TTL must be at least 60.',
    );
    await expect(kv.list({ limit: 5_000 })).rejects.toThrow(
      'KV GET failed: 400 Invalid key_count_limit of 5000. Please specify an integer less than 1000.',
    );
    await expect(kv.get([])).rejects.toThrow('KV GET_BULK failed: 400 You must request a minimum of 1 key');
    await expect(kv.put('key', 'x', { metadata: 'k'.repeat(1_023) })).rejects.toThrow(
      'KV PUT failed: 413 Metadata length of 1025 exceeds limit of 1024.',
    );
  });

  test.each([
    ['UNKNOWN', `400 namespace not found: ${'f'.repeat(32)}`],
    ['OF_BOTH', `400 several accounts have a namespace ${SHARED}`],
    ['WRONG_TOKEN', '401 Authentication error'],
  ] as const)('%s is an error, and never a missing key', async (name, text) => {
    const other = await miniflare.namespace(name);
    await expect(other.get('key')).rejects.toThrow(`KV GET failed: ${text}`);
    await expect(other.put('key', 'x')).rejects.toThrow(`KV PUT failed: ${text}`);
    await expect(other.list()).rejects.toThrow(`KV GET failed: ${text}`);
    await expect(other.get(['key'])).rejects.toThrow(`KV GET_BULK failed: ${text}`);
  });

  test('a URL that names no namespace is an error, and never a missing key', async () => {
    const other = await miniflare.namespace('UNNAMED');
    await expect(other.get('key')).rejects.toThrow(/^KV GET failed: 40[01] /);
  });

  test('an id that two accounts have is told apart by the account in the URL', async () => {
    const [ofA, ofB] = [await miniflare.namespace('OF_A'), await miniflare.namespace('OF_B')];
    await Promise.all([ofA.put('key', 'of A'), ofB.put('key', 'of B')]);
    expect([await ofA.get('key'), await ofB.get('key')]).toEqual(['of A', 'of B']);
  });
});

describe('in a worker', () => {
  test('a pair is written, read, listed and deleted', async () => {
    const read = await miniflare.run(async ({ KV }) => {
      await KV.put('key', 'value', { metadata: { of: ['é', '🤓'] } });
      const found = [await KV.getWithMetadata('key'), [...(await KV.get(['key', 'missing']))], (await KV.list()).keys];
      await KV.delete('key');
      return [...found, await KV.get('key')];
    });
    const metadata = { of: ['é', '🤓'] };
    expect(read).toEqual([
      { value: 'value', metadata, cacheStatus: null },
      [
        ['key', 'value'],
        ['missing', null],
      ],
      [{ name: 'key', metadata }],
      null,
    ]);
  });

  test('the largest value is streamed both ways; a byte more is refused, again and again', async () => {
    const bytes = Uint8Array.from(randomBytes(LARGEST));
    await freehold.put(id, 'large', bytes);
    const errors = await miniflare.run(async ({ KV }, length) => {
      const stream = await KV.get('large', 'stream');
      if (stream) await KV.put('copy', stream);
      const errors: string[] = [];
      for (let time = 0; time < 3; time += 1) {
        await KV.put('larger', new Uint8Array(length)).catch(error => errors.push(error.message));
        await KV.put('after', `${time}`);
        errors.push(String(await KV.get('after')));
      }
      return errors;
    }, LARGEST + 1);
    expect((await freehold.value(id, 'copy'))?.equals(bytes)).toBe(true);
    const text = `KV PUT failed: 413 Value length of ${LARGEST + 1} exceeds limit of ${LARGEST}.`;
    expect(errors).toEqual([text, '0', text, '1', text, '2']);
  });
});

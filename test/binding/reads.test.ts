/** get and getWithMetadata of one key, through the real workerd. */
import { beforeAll, describe, expect, test } from 'vitest';
import { useFreehold } from '../clients/freehold.fixture.ts';
import { account, sdk } from '../clients/sdk.fixture.ts';
import { bindingOf, useWorkerd } from './workerd.fixture.ts';

const freehold = useFreehold();
let id: string;
const workerd = useWorkerd(async () => {
  id = await freehold.createNamespace('reads');
  return { KV: bindingOf(freehold, id) };
});

const JSON_TEXT = '{"a":[1,null,"é🤓"],"n":1.50}';
const BYTES = [0, 255, 195, 40, 13, 10];

beforeAll(async () => {
  await freehold.put(id, 'json', JSON_TEXT);
  await freehold.put(id, 'bytes', Uint8Array.from(BYTES));
  await freehold.put(id, 'empty', '');
});

describe('a value', () => {
  test('is text unless a type is given', async () => {
    const texts = await workerd.run(async ({ KV }) => [
      await KV.get('json'),
      await KV.get('json', 'text'),
      await KV.get('json', { type: 'text' }),
      await KV.get('json', {}),
    ]);
    expect(texts).toEqual(Array(4).fill(JSON_TEXT));
  });

  test('is parsed as JSON', async () => {
    const values = await workerd.run(async ({ KV }) => [
      await KV.get('json', 'json'),
      await KV.get('json', { type: 'json' }),
    ]);
    expect(values).toEqual(Array(2).fill({ a: [1, null, 'é🤓'], n: 1.5 }));
  });

  test('comes as bytes', async () => {
    const read = await workerd.run(async ({ KV }) => {
      const bytes = await KV.get('bytes', 'arrayBuffer');
      return bytes && [...new Uint8Array(bytes)];
    });
    expect(read).toEqual(BYTES);
  });

  test('comes as a stream', async () => {
    const read = await workerd.run(async ({ KV }) => {
      const chunks: number[] = [];
      for await (const chunk of (await KV.get('bytes', 'stream')) ?? []) chunks.push(...chunk);
      return chunks;
    });
    expect(read).toEqual(BYTES);
  });

  test('that is no UTF-8 has replacement characters as text', async () => {
    expect(await workerd.run(({ KV }) => KV.get('bytes'))).toBe('\0\ufffd\ufffd(\r\n');
  });

  test('that is no JSON is an error as JSON', async () => {
    const parsed = workerd.run(({ KV }) => KV.get('bytes', 'json'));
    await expect(parsed).rejects.toMatchObject({ name: 'SyntaxError' });
  });

  test('that is empty is not a missing one', async () => {
    const read = await workerd.run(async ({ KV }) => [
      await KV.get('empty'),
      (await KV.get('empty', 'arrayBuffer'))?.byteLength,
      await KV.getWithMetadata('empty'),
    ]);
    expect(read).toEqual(['', 0, { value: '', metadata: null, cacheStatus: null }]);
  });
});

test('a missing key is null in every type, and has no metadata', async () => {
  const read = await workerd.run(async ({ KV }) => [
    await KV.get('missing'),
    await KV.get('missing', 'json'),
    await KV.get('missing', 'arrayBuffer'),
    await KV.get('missing', 'stream'),
  ]);
  expect(read).toEqual([null, null, null, null]);
  const nothing = { value: null, metadata: null, cacheStatus: null };
  const together = await workerd.run(async ({ KV }) => [
    await KV.getWithMetadata('missing'),
    await KV.getWithMetadata('missing', 'json'),
    await KV.getWithMetadata('missing', 'arrayBuffer'),
    await KV.getWithMetadata('missing', 'stream'),
  ]);
  expect(together).toEqual([nothing, nothing, nothing, nothing]);
});

describe('metadata', () => {
  /** As JSON texts, to see how they come out of the server, whoever wrote them. */
  const TEXTS = [
    '{"a":1}',
    '"plain"',
    '""',
    '[1,"é","🤓","\\u2028"]',
    '{"n":1.50,"big":12345678901234567890}',
    '{ "spaced" :\n\t1 }',
    '"\\u0000\\u007f\\u0085\\ud800"',
    '"\u2028\u0085\u00a0"',
    'false',
    '0',
  ];

  test.each(TEXTS)('%j written over REST is the same value here', async metadata => {
    await sdk(freehold).kv.namespaces.values.update('described', {
      ...account,
      namespace_id: id,
      value: 'x',
      metadata,
    });
    const found = await workerd.run(async ({ KV }) => ({
      single: (await KV.getWithMetadata('described')).metadata,
      json: (await KV.getWithMetadata('json')).metadata,
      listed: (await KV.list({ prefix: 'described' })).keys[0]?.metadata,
      bulk: (await KV.getWithMetadata(['described'])).get('described')?.metadata,
    }));
    const value = JSON.parse(metadata);
    expect(found).toEqual({ single: value, json: null, listed: value, bulk: value });
  });

  test('comes with a value of any type', async () => {
    const metadata = { of: 'all' };
    await workerd.run(({ KV }, given) => KV.put('typed', '[1]', { metadata: given }), metadata);
    const found = await workerd.run(async ({ KV }) => [
      await KV.getWithMetadata('typed'),
      await KV.getWithMetadata('typed', 'json'),
      await KV.getWithMetadata('typed', { type: 'json' }),
      (await KV.getWithMetadata('typed', 'arrayBuffer')).metadata,
      (await KV.getWithMetadata('typed', 'stream')).metadata,
    ]);
    const cacheStatus = null;
    expect(found).toEqual([
      { value: '[1]', metadata, cacheStatus },
      { value: [1], metadata, cacheStatus },
      { value: [1], metadata, cacheStatus },
      metadata,
      metadata,
    ]);
  });
});

describe('cacheTtl', () => {
  test.each([30, 60, 86_400, 2_147_483_647])('%d is taken', async cacheTtl => {
    const read = await workerd.run(
      async ({ KV }, ttl) => [
        await KV.get('empty', { cacheTtl: ttl }),
        (await KV.getWithMetadata('empty', { cacheTtl: ttl })).value,
        [...(await KV.get(['empty'], { cacheTtl: ttl }))],
        [...(await KV.getWithMetadata(['empty'], { cacheTtl: ttl }))],
      ],
      cacheTtl,
    );
    expect(read).toEqual(['', '', [['empty', '']], [['empty', { value: '', metadata: null }]]]);
  });

  test.each([29, 0, -1])('%d is too small', async cacheTtl => {
    const text = `400 Invalid cache_ttl of ${cacheTtl}. Cache TTL must be at least 30.`;
    const single = workerd.run(({ KV }, ttl) => KV.get('empty', { cacheTtl: ttl }), cacheTtl);
    await expect(single).rejects.toThrow(`KV GET failed: ${text}`);
    const missing = workerd.run(({ KV }, ttl) => KV.getWithMetadata('missing', { cacheTtl: ttl }), cacheTtl);
    await expect(missing).rejects.toThrow(`KV GET failed: ${text}`);
    const bulk = workerd.run(async ({ KV }, ttl) => (await KV.get(['empty'], { cacheTtl: ttl })).size, cacheTtl);
    await expect(bulk).rejects.toThrow(`KV GET_BULK failed: ${text}`);
  });
});

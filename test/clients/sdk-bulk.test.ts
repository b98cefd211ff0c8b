import { randomBytes } from 'node:crypto';
import type Cloudflare from 'cloudflare';
import { BadRequestError } from 'cloudflare';
import { beforeAll, expect, test } from 'vitest';
import { useFreehold } from './freehold.fixture.ts';
import { account, collect, newNamespace, sdk } from './sdk.fixture.ts';

const freehold = useFreehold();
let client: Cloudflare;

beforeAll(() => {
  client = sdk(freehold);
});

function numbered(count: number, prefix: string): { key: string; value: string }[] {
  return Array.from({ length: count }, (_, index) => {
    const key = `${prefix}${String(index).padStart(5, '0')}`;
    return { key, value: `value of ${key}` };
  });
}

function succeeded(count: number): object {
  return { successful_key_count: count, unsuccessful_keys: [] };
}

/** Values of all keys, a hundred a call. */
async function valuesOf(id: string, keys: readonly string[]): Promise<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  for (let start = 0; start < keys.length; start += 100) {
    const found = await client.kv.namespaces.bulkGet(id, { ...account, keys: keys.slice(start, start + 100) });
    Object.assign(values, found?.values);
  }
  return values;
}

test('10,000 pairs are written, listed, read and deleted', async () => {
  const id = await newNamespace(client, 'ten thousand');
  const { namespaces } = client.kv;
  const pairs = numbered(10_000, 'key/');
  const names = pairs.map(({ key }) => key);
  expect(await namespaces.bulkUpdate(id, { ...account, body: pairs })).toEqual(succeeded(10_000));
  expect(await collect(namespaces.keys.list(id, account))).toEqual(names.map(name => ({ name })));
  const some = await collect(namespaces.keys.list(id, { ...account, prefix: 'key/03', limit: 37 }));
  expect(some.map(({ name }) => name)).toEqual(names.slice(3_000, 4_000));
  expect(await valuesOf(id, names)).toEqual(Object.fromEntries(pairs.map(({ key, value }) => [key, value])));
  expect(await namespaces.bulkDelete(id, { ...account, body: names.slice(1) })).toEqual(succeeded(9_999));
  expect(await collect(namespaces.keys.list(id, account))).toEqual([{ name: names[0] }]);
});

test('10,001 pairs are refused, and nothing is written', async () => {
  const id = await newNamespace(client, 'one too many');
  const refused = client.kv.namespaces.bulkUpdate(id, { ...account, body: numbered(10_001, 'key/') });
  await expect(refused).rejects.toBeInstanceOf(BadRequestError);
  expect(await collect(client.kv.namespaces.keys.list(id, account))).toEqual([]);
});

test('bulks at the same time all arrive whole', async () => {
  const id = await newNamespace(client, 'at the same time');
  const { namespaces } = client.kv;
  const bulks = Array.from({ length: 12 }, (_, index) => numbered(500 + 100 * index, `bulk ${index}/`));
  const results = await Promise.all(bulks.map(body => namespaces.bulkUpdate(id, { ...account, body })));
  expect(results).toEqual(bulks.map(({ length }) => succeeded(length)));
  const pairs = bulks.flat();
  const listed = await collect(namespaces.keys.list(id, account));
  expect(new Set(listed.map(({ name }) => name))).toEqual(new Set(pairs.map(({ key }) => key)));
  expect(listed).toHaveLength(pairs.length);
  const wanted = Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
  expect(await valuesOf(id, Object.keys(wanted))).toEqual(wanted);
});

test('bulks of the same keys at the same time leave one of them, not a mixture', async () => {
  const id = await newNamespace(client, 'the same keys');
  const { namespaces } = client.kv;
  const keys = numbered(2_000, 'key ').map(({ key }) => key);
  const writes = ['a', 'b', 'c', 'd', 'e'].map(value => {
    return namespaces.bulkUpdate(id, { ...account, body: keys.map(key => ({ key, value })) });
  });
  await Promise.all(writes);
  expect(new Set(Object.values(await valuesOf(id, keys))).size).toBe(1);
});

test('every member of a pair is kept', async () => {
  const id = await newNamespace(client, 'members');
  const { namespaces } = client.kv;
  const binary = randomBytes(1_000);
  const expiration = Math.floor(Date.now() / 1000) + 3_600;
  const body = [
    { key: 'binary', value: binary.toString('base64'), base64: true },
    { key: 'dated', value: 'x', expiration, metadata: { deep: [{ a: null }] } },
    { key: 'passing', value: 'y', expiration_ttl: 3_600 },
  ];
  await namespaces.bulkUpdate(id, { ...account, body });
  const value = await namespaces.values.get('binary', { ...account, namespace_id: id });
  expect(Buffer.from(await value.arrayBuffer())).toEqual(binary);
  const keys = ['dated', 'passing', 'missing'];
  expect((await namespaces.bulkGet(id, { ...account, keys, withMetadata: true }))?.values).toEqual({
    dated: { value: 'x', metadata: { deep: [{ a: null }] }, expiration },
    passing: { value: 'y', metadata: null, expiration: expect.any(Number) },
    missing: null,
  });
});

test('bulk get parses JSON where asked, and refuses a value that is none', async () => {
  const id = await newNamespace(client, 'JSON');
  const { namespaces } = client.kv;
  const body = [
    { key: 'object', value: '{"a":[1,"é"]}' },
    { key: 'number', value: '7' },
    { key: 'text', value: 'not JSON' },
  ];
  await namespaces.bulkUpdate(id, { ...account, body });
  const parsed = await namespaces.bulkGet(id, { ...account, keys: ['object', 'number', 'missing'], type: 'json' });
  expect(parsed?.values).toEqual({ object: { a: [1, 'é'] }, number: 7, missing: null });
  const refused = namespaces.bulkGet(id, { ...account, keys: ['object', 'text'], type: 'json' });
  await expect(refused).rejects.toMatchObject({ status: 400, errors: [{ code: 10029 }] });
});

test('a bad pair is named, and nothing is written', async () => {
  const id = await newNamespace(client, 'a bad pair');
  const { namespaces } = client.kv;
  const body = [...numbered(100, 'key/'), { key: 'bad', value: 'x', expiration_ttl: 1 }];
  const refused = namespaces.bulkUpdate(id, { ...account, body });
  await expect(refused).rejects.toThrow(/100.*bad|bad.*100/s);
  expect(await collect(namespaces.keys.list(id, account))).toEqual([]);
});

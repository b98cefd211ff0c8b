/** unstorage's driver `cloudflare-kv-http`, which speaks the REST API. */
import { randomBytes } from 'node:crypto';
import { createStorage, type Driver, type Storage, type StorageValue } from 'unstorage';
import cloudflareKvHttp from 'unstorage/drivers/cloudflare-kv-http';
import { beforeEach, describe, expect, test } from 'vitest';
import { ACCOUNT, TOKEN, useFreehold } from './freehold.fixture.ts';
import { account, sdk } from './sdk.fixture.ts';
import { ODD_ITEMS } from './unstorage.fixture.ts';

const freehold = useFreehold();
let id: string;
let storage: Storage;
let namespaces = 0;

beforeEach(async () => {
  id = await freehold.createNamespace(`namespace ${++namespaces}`);
  storage = createStorage({ driver: driver({ apiToken: TOKEN }) });
});

type Credentials = { apiToken: string } | { userServiceKey: string } | { email: string; apiKey: string };

function driver(options: Credentials & { base?: string }): Driver {
  return cloudflareKvHttp({ apiURL: freehold.url, accountId: ACCOUNT, namespaceId: id, ...options });
}

async function names(): Promise<string[]> {
  return (await freehold.keys(id)).map(({ name }) => name);
}

describe('items', () => {
  test.each<[string, StorageValue]>([
    ['a text', 'zwölf\r\nlines ☕'],
    ['an object', { n: [1, null, { é: '👩‍🚀' }] }],
    ['a number', 7],
    ['false', false],
  ])('%s comes back', async (_, value) => {
    await storage.setItem('item', value);
    expect(await storage.getItem('item')).toEqual(value);
    expect(String(await freehold.value(id, 'item'))).toBe(
      typeof value === 'object' ? JSON.stringify(value) : `${value}`,
    );
  });

  test('raw bytes come back, and lie on the server as the driver encodes them', async () => {
    const bytes = randomBytes(100_000);
    await storage.setItemRaw('raw', bytes);
    expect(await storage.getItemRaw('raw')).toEqual(bytes);
    expect(String(await freehold.value(id, 'raw'))).toBe(`base64:${bytes.toString('base64')}`);
  });

  test('a missing item is null, and is not there', async () => {
    await storage.setItem('there', 'x');
    expect(await storage.getItem('missing')).toBe(null);
    expect(await storage.hasItem('missing')).toBe(false);
    expect(await storage.hasItem('there')).toBe(true);
  });

  test('a removed item is gone; removing it again is no error', async () => {
    await storage.setItem('removed', 'x');
    await storage.removeItem('removed');
    await storage.removeItem('removed');
    expect(await storage.getItem('removed')).toBe(null);
    expect(await names()).toEqual([]);
  });

  test('several are written and read in one call', async () => {
    await storage.setItems([
      { key: 'a', value: '1' },
      { key: 'b', value: 'two' },
    ]);
    expect(await storage.getItems(['a', 'b', 'missing'])).toEqual([
      { key: 'a', value: 1 },
      { key: 'b', value: 'two' },
      { key: 'missing', value: null },
    ]);
  });

  test.each(['ключ', 'space and + plus', '100%', 'a#b', '👩‍🚀', "@=&,!$'()*~"])('the key %j is the same', async key => {
    await storage.setItem(key, `value of ${key}`);
    expect(await storage.getItem(key)).toBe(`value of ${key}`);
    expect(await storage.hasItem(key)).toBe(true);
    expect(await names()).toEqual([key]);
    expect(await storage.getKeys()).toEqual([key]);
    await storage.removeItem(key);
    expect(await names()).toEqual([]);
  });

  test('meta is an item of its own beside the item', async () => {
    await storage.setItem('item', 'x');
    await storage.setMeta('item', { kind: 'text' });
    expect(await storage.getMeta('item')).toEqual({ kind: 'text' });
    expect(await names()).toEqual(['item', 'item$']);
    expect(await storage.getKeys()).toEqual(['item']);
    await storage.removeMeta('item');
    expect(await names()).toEqual(['item']);
  });
});

describe('time to live', () => {
  test('ttl becomes the expiration, and is raised to a minute where it is less', async () => {
    const now = Math.floor(Date.now() / 1000);
    await storage.setItem('day', 'x', { ttl: 86_400 });
    await storage.setItem('second', 'x', { ttl: 1 });
    await storage.setItem('for ever', 'x');
    const [day, forEver, second] = await freehold.keys(id);
    expect(day?.expiration).toBeGreaterThanOrEqual(now + 86_400);
    expect(forEver).toEqual({ name: 'for ever' });
    expect(second?.expiration).toBeGreaterThanOrEqual(now + 60);
    expect(second?.expiration).toBeLessThan(now + 86_400);
  });
});

describe('keys', () => {
  beforeEach(async () => {
    for (const key of ['a:1', 'a:2', 'ab:1', 'b']) await storage.setItem(key, key);
  });

  test('are those under a base', async () => {
    expect(await storage.getKeys()).toEqual(['a:1', 'a:2', 'ab:1', 'b']);
    expect(await storage.getKeys('a')).toEqual(['a:1', 'a:2']);
    expect(await storage.getKeys('missing')).toEqual([]);
  });

  test('are cleared', async () => {
    await storage.clear();
    expect(await names()).toEqual([]);
  });

  test('under a mount are cleared, and no others', async () => {
    const mounted = createStorage().mount('cache', driver({ apiToken: TOKEN, base: 'a' }));
    expect(await mounted.getKeys()).toEqual(['cache:1', 'cache:2']);
    await mounted.clear('cache');
    expect(await names()).toEqual(['ab:1', 'b']);
  });

  test('of a driver with a base lie under it, and it sees no others', async () => {
    const based = createStorage({ driver: driver({ apiToken: TOKEN, base: 'a' }) });
    await based.setItem('3', 'three');
    expect(await based.getItem('1')).toBe('a:1');
    expect(await based.getKeys()).toEqual(['1', '2', '3']);
    expect(await names()).toEqual(['a:1', 'a:2', 'a:3', 'ab:1', 'b']);
    await based.clear();
    expect(await names()).toEqual(['ab:1', 'b']);
  });
});

test('10,500 keys are listed, and cleared in two bulks', async () => {
  const keys = Array.from({ length: 10_500 }, (_, index) => `key:${String(index).padStart(5, '0')}`);
  for (const part of [keys.slice(0, 10_000), keys.slice(10_000)]) {
    await sdk(freehold).kv.namespaces.bulkUpdate(id, { ...account, body: part.map(key => ({ key, value: '' })) });
  }
  expect(await storage.getKeys()).toEqual(keys);
  await storage.clear();
  expect(await names()).toEqual([]);
});

test.each<[string, Credentials]>([
  ['a user service key', { userServiceKey: TOKEN }],
  ['an e-mail address and API key', { email: 'someone@example.com', apiKey: TOKEN }],
])('%s is as good as the token', async (_, credentials) => {
  const other = createStorage({ driver: driver(credentials) });
  await other.setItem('item', 'x');
  expect(await other.getItem('item')).toBe('x');
});

test('a failure is an error with its status, and not a missing item', async () => {
  const closed = createStorage({ driver: driver({ apiToken: 'a-token-that-nobody-has' }) });
  await expect(closed.getItem('item')).rejects.toMatchObject({ status: 401 });
  await expect(closed.hasItem('item')).rejects.toMatchObject({ status: 401 });
  await expect(storage.setItem('item', 'x'.repeat(26_214_401))).rejects.toMatchObject({ status: 413 });
  expect(await storage.getItem('item')).toBe(null);
});

test.each(ODD_ITEMS)('the key %j is the same one to every operation', async key => {
  await storage.setItem(key, `value of ${key}`);
  expect(await names()).toEqual([key]);
  expect(await storage.getItem(key)).toBe(`value of ${key}`);
  expect(await storage.hasItem(key)).toBe(true);
  expect(await storage.getKeys()).toEqual([key]);
  await storage.removeItem(key);
  expect(await names()).toEqual([]);
});

test('a text of 25 MiB comes back', async () => {
  const largest = 'x'.repeat(26_214_400);
  await storage.setItem('largest', largest);
  expect((await storage.getItem('largest')) === largest).toBe(true);
});

/** unstorage's driver `cloudflare-kv-binding`, with the client for a binding. */
import { connect } from '@freehold/client';
import { createStorage, type Driver, type Storage, type StorageValue } from 'unstorage';
import cloudflareKvBinding from 'unstorage/drivers/cloudflare-kv-binding';
import { beforeEach, describe, expect, test } from 'vitest';
import { TOKEN, useFreehold } from './freehold.fixture.ts';
import { ODD_ITEMS } from './unstorage.fixture.ts';

const freehold = useFreehold();
let id: string;
let storage: Storage;
let namespaces = 0;

beforeEach(async () => {
  id = await freehold.createNamespace(`namespace ${++namespaces}`);
  storage = createStorage({ driver: driver() });
});

function driver(options: { base?: string; minTTL?: number } = {}): Driver {
  return cloudflareKvBinding({ binding: connect({ url: freehold.url, namespace: id, token: TOKEN }), ...options });
}

async function names(): Promise<string[]> {
  return (await freehold.keys(id)).map(({ name }) => name);
}

describe('items', () => {
  test.each<[string, StorageValue]>([
    ['a text', 'zwölf\r\nlines ☕'],
    ['an empty text', ''],
    ['an object', { n: [1, null, { é: '👩‍🚀' }] }],
    ['a number', 7],
    ['false', false],
  ])('%s comes back', async (_, value) => {
    await storage.setItem('item', value);
    expect(await storage.getItem('item')).toEqual(value);
  });

  test('raw bytes come back, and lie on the server as the driver encodes them', async () => {
    const bytes = Buffer.from([0, 255, 128, 10]);
    await storage.setItemRaw('raw', bytes);
    expect(await storage.getItemRaw('raw')).toEqual(bytes);
    expect(String(await freehold.value(id, 'raw'))).toBe(`base64:${bytes.toString('base64')}`);
  });

  test('a missing item is null, and is not there', async () => {
    await storage.setItem('there', 'x');
    expect(await storage.getItem('missing')).toBe(null);
    expect(await storage.getItemRaw('missing')).toBe(null);
    expect(await storage.hasItem('missing')).toBe(false);
    expect(await storage.hasItem('there')).toBe(true);
  });

  test('a removed item is gone; removing it again is no error', async () => {
    await storage.setItem('removed', 'x');
    await storage.removeItem('removed');
    await storage.removeItem('removed');
    expect(await names()).toEqual([]);
  });

  test('meta is an item of its own beside the item', async () => {
    await storage.setItem('item', 'x');
    await storage.setMeta('item', { kind: 'text' });
    expect(await storage.getMeta('item')).toEqual({ kind: 'text' });
    expect(await names()).toEqual(['item', 'item$']);
  });
});

test('ttl becomes the expiration, and is raised to a minute where it is less; expirationTtl is passed on', async () => {
  const now = Math.floor(Date.now() / 1000);
  await storage.setItem('a day', 'x', { ttl: 86_400 });
  await storage.setItem('a second', 'x', { ttl: 1 });
  await storage.setItem('an hour', 'x', { expirationTtl: 3_600 });
  await storage.setItem('for ever', 'x');
  const [day, second, hour, forEver] = await freehold.keys(id);
  expect(day?.expiration).toBeGreaterThanOrEqual(now + 86_400);
  expect(second?.expiration).toBeGreaterThanOrEqual(now + 60);
  expect(second?.expiration).toBeLessThan(now + 3_600);
  expect(hour?.expiration).toBeGreaterThanOrEqual(now + 3_600);
  expect(forEver).toEqual({ name: 'for ever' });
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
    const mounted = createStorage().mount('cache', driver({ base: 'a' }));
    expect(await mounted.getKeys()).toEqual(['cache:1', 'cache:2']);
    expect(await mounted.getItem('cache:1')).toBe('a:1');
    await mounted.clear('cache');
    expect(await names()).toEqual(['ab:1', 'b']);
  });

  test('are listed through all pages, and cleared', async () => {
    const kv = connect({ url: freehold.url, namespace: id, token: TOKEN });
    await storage.clear();
    const keys = Array.from({ length: 1_500 }, (_, index) => `key:${String(index).padStart(4, '0')}`);
    await kv.putMany(keys.map(key => ({ key, value: '' })));
    expect(await storage.getKeys()).toEqual(keys);
    await storage.clear();
    expect(await names()).toEqual([]);
  });
});

test('a failure is an error, and not a missing item', async () => {
  const binding = connect({ url: freehold.url, namespace: id, token: 'a-token-that-nobody-has' });
  const closed = createStorage({ driver: cloudflareKvBinding({ binding }) });
  await expect(closed.getItem('item')).rejects.toThrow('KV GET failed: 401 Authentication error');
  await expect(closed.hasItem('item')).rejects.toThrow('KV GET failed: 401 Authentication error');
  await expect(storage.setItem('item', 'x', { expirationTtl: 5 })).rejects.toThrow('at least 60');
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

/** For tests of unstorage: what holds whichever its driver. */
import { createStorage, type Driver, type Storage, type StorageValue } from 'unstorage';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Freehold, useFreehold } from './freehold.fixture.ts';

/** Keys that unstorage leaves as they are: it makes colons of slashes, and cuts at a question mark. */
const ODD_ITEMS = [
  'a:b',
  '%2F',
  'a+b c',
  '100%',
  'a#b',
  'a\0b',
  'new\nline',
  'ключ 👩‍🚀',
  "@=&,!$'()*~",
  '__proto__',
  '7',
  'x'.repeat(512),
] as const;

export interface DriverTarget {
  readonly freehold: Freehold;
  readonly namespace: string;
}

/** A storage in a namespace of each test's own, and a way behind its back. */
export interface StorageBed {
  readonly freehold: Freehold;
  namespace: string;
  storage: Storage;
  /** Of the pairs that lie on the server. */
  names(): Promise<string[]>;
}

type OpenDriver = (target: DriverTarget, options: { readonly base?: string }) => Driver;

/** Tests the driver, which `open` makes, by all that the drivers for Workers KV have in common. */
export function describeStorage(open: OpenDriver): StorageBed {
  const freehold = useFreehold();
  let namespaces = 0;
  const bed: StorageBed = {
    freehold,
    namespace: '',
    storage: createStorage(),
    names: async () => (await freehold.keys(bed.namespace)).map(({ name }) => name),
  };
  const driver = (options: { base?: string } = {}): Driver => open(bed, options);

  beforeEach(async () => {
    bed.namespace = await freehold.createNamespace(`namespace ${++namespaces}`);
    bed.storage = createStorage({ driver: driver() });
  });

  describe('items', () => {
    test.each<[string, StorageValue]>([
      ['a text', 'zwölf\r\nlines ☕'],
      ['an object', { n: [1, null, { é: '👩‍🚀' }] }],
      ['a number', 7],
      ['false', false],
    ])('%s comes back, and lies on the server as its text', async (_, value) => {
      await bed.storage.setItem('item', value);
      expect(await bed.storage.getItem('item')).toEqual(value);
      const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
      expect(String(await freehold.value(bed.namespace, 'item'))).toBe(text);
    });

    test('raw bytes come back, and lie on the server as the driver encodes them', async () => {
      const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7) % 256));
      await bed.storage.setItemRaw('raw', bytes);
      expect(await bed.storage.getItemRaw('raw')).toEqual(bytes);
      expect(String(await freehold.value(bed.namespace, 'raw'))).toBe(`base64:${bytes.toString('base64')}`);
    });

    test('a missing item is null, and is not there', async () => {
      await bed.storage.setItem('there', 'x');
      expect(await bed.storage.getItem('missing')).toBe(null);
      expect(await bed.storage.getItemRaw('missing')).toBe(null);
      expect(await bed.storage.hasItem('missing')).toBe(false);
      expect(await bed.storage.hasItem('there')).toBe(true);
    });

    test('a removed item is gone; removing it again is no error', async () => {
      await bed.storage.setItem('removed', 'x');
      await bed.storage.removeItem('removed');
      await bed.storage.removeItem('removed');
      expect(await bed.storage.getItem('removed')).toBe(null);
      expect(await bed.names()).toEqual([]);
    });

    test('meta is an item of its own beside the item', async () => {
      await bed.storage.setItem('item', 'x');
      await bed.storage.setMeta('item', { kind: 'text' });
      expect(await bed.storage.getMeta('item')).toEqual({ kind: 'text' });
      expect(await bed.names()).toEqual(['item', 'item$']);
      expect(await bed.storage.getKeys()).toEqual(['item']);
      await bed.storage.removeMeta('item');
      expect(await bed.names()).toEqual(['item']);
    });

    test.each(ODD_ITEMS)('the key %j is the same one to every operation', async key => {
      await bed.storage.setItem(key, `value of ${key}`);
      expect(await bed.names()).toEqual([key]);
      expect(await bed.storage.getItem(key)).toBe(`value of ${key}`);
      expect(await bed.storage.hasItem(key)).toBe(true);
      expect(await bed.storage.getKeys()).toEqual([key]);
      await bed.storage.removeItem(key);
      expect(await bed.names()).toEqual([]);
    });

    test('a text of 25 MiB comes back', async () => {
      const largest = 'x'.repeat(26_214_400);
      await bed.storage.setItem('largest', largest);
      expect((await bed.storage.getItem('largest')) === largest).toBe(true);
    });
  });

  test('ttl becomes the expiration, and is raised to a minute where it is less', async () => {
    const now = Math.floor(Date.now() / 1000);
    await bed.storage.setItem('day', 'x', { ttl: 86_400 });
    await bed.storage.setItem('for ever', 'x');
    await bed.storage.setItem('second', 'x', { ttl: 1 });
    const [day, forEver, second] = await freehold.keys(bed.namespace);
    expect(day?.expiration).toBeGreaterThanOrEqual(now + 86_400);
    expect(forEver).toEqual({ name: 'for ever' });
    expect(second?.expiration).toBeGreaterThanOrEqual(now + 60);
    expect(second?.expiration).toBeLessThan(now + 3_600);
  });

  describe('keys', () => {
    beforeEach(async () => {
      for (const key of ['a:1', 'a:2', 'ab:1', 'b']) await bed.storage.setItem(key, key);
    });

    test('are those under a base', async () => {
      expect(await bed.storage.getKeys()).toEqual(['a:1', 'a:2', 'ab:1', 'b']);
      expect(await bed.storage.getKeys('a')).toEqual(['a:1', 'a:2']);
      expect(await bed.storage.getKeys('missing')).toEqual([]);
    });

    test('are cleared', async () => {
      await bed.storage.clear();
      expect(await bed.names()).toEqual([]);
    });

    test('under a mount are cleared, and no others', async () => {
      const mounted = createStorage().mount('cache', driver({ base: 'a' }));
      expect(await mounted.getKeys()).toEqual(['cache:1', 'cache:2']);
      expect(await mounted.getItem('cache:1')).toBe('a:1');
      await mounted.clear('cache');
      expect(await bed.names()).toEqual(['ab:1', 'b']);
    });

    test('of a driver with a base lie under it, and it sees no others', async () => {
      const based = createStorage({ driver: driver({ base: 'a' }) });
      await based.setItem('3', 'three');
      expect(await based.getItem('1')).toBe('a:1');
      expect(await based.getKeys()).toEqual(['1', '2', '3']);
      expect(await bed.names()).toEqual(['a:1', 'a:2', 'a:3', 'ab:1', 'b']);
      await based.clear();
      expect(await bed.names()).toEqual(['ab:1', 'b']);
    });
  });

  return bed;
}

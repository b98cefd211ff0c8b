/** list, through the real workerd. */
import { beforeAll, describe, expect, test } from 'vitest';
import { useFreehold } from '../clients/freehold.fixture.ts';
import { account, sdk } from '../clients/sdk.fixture.ts';
import { bindingOf, useWorkerd } from './workerd.fixture.ts';

const freehold = useFreehold();
let id: string;
const workerd = useWorkerd(async () => {
  id = await freehold.createNamespace('many');
  return {
    KV: bindingOf(freehold, id),
    FEW: bindingOf(freehold, await freehold.createNamespace('few')),
    NONE: bindingOf(freehold, await freehold.createNamespace('none')),
  };
});

const NAMES = Array.from({ length: 2_500 }, (_, index) => `key/${String(index).padStart(4, '0')}`);

beforeAll(async () => {
  const body = NAMES.map(key => ({ key, value: 'x' }));
  await sdk(freehold).kv.namespaces.bulkUpdate(id, { ...account, body });
});

describe('a page', () => {
  test('has a thousand keys, and a cursor to the next', async () => {
    const pages = await workerd.run(async ({ KV }) => {
      const pages = [];
      let cursor: string | undefined;
      do {
        const page = await KV.list({ cursor: cursor ?? null });
        cursor = page.list_complete ? undefined : page.cursor;
        pages.push(page);
      } while (cursor !== undefined);
      return pages;
    });
    expect(pages.map(({ keys }) => keys.length)).toEqual([1_000, 1_000, 500]);
    expect(pages.flatMap(({ keys }) => keys)).toEqual(NAMES.map(name => ({ name })));
    const members = (complete: boolean) => ['keys', 'list_complete', ...(complete ? [] : ['cursor']), 'cacheStatus'];
    expect(pages.map(page => Object.keys(page).toSorted())).toEqual(
      [false, false, true].map(complete => members(complete).toSorted()),
    );
  });

  test.each([1, 999, 1_000])('has %d keys where that is the limit', async limit => {
    const page = await workerd.run(({ KV }, asked) => KV.list({ limit: asked }), limit);
    expect(page).toMatchObject({ list_complete: false, cursor: expect.any(String) });
    expect(page.keys.map(({ name }) => name)).toEqual(NAMES.slice(0, limit));
  });

  test.each([0, -1])('has a thousand where the limit is %d, which workerd does not send', async limit => {
    const page = await workerd.run(({ KV }, asked) => KV.list({ limit: asked }), limit);
    expect(page.keys).toHaveLength(1_000);
  });

  test.each([1_001, 5_000])('of %d keys is refused', async limit => {
    const page = workerd.run(({ KV }, asked) => KV.list({ limit: asked }), limit);
    const text = `400 Invalid key_count_limit of ${limit}. Please specify an integer less than 1000.`;
    await expect(page).rejects.toThrow(`KV GET failed: ${text}`);
  });

  test('that ends with the last key is the last', async () => {
    const page = await workerd.run(({ KV }) => KV.list({ prefix: 'key/249', limit: 10 }));
    expect(page).toEqual({ keys: NAMES.slice(2_490).map(name => ({ name })), list_complete: true, cacheStatus: null });
  });

  test('of an empty namespace is empty and the last', async () => {
    const page = await workerd.run(({ NONE }) => NONE.list());
    expect(page).toEqual({ keys: [], list_complete: true, cacheStatus: null });
  });

  test('is the first where prefix and cursor are empty, or null', async () => {
    const pages = await workerd.run(async ({ KV }) => [
      await KV.list({ limit: 2, prefix: '', cursor: '' }),
      await KV.list({ limit: 2, prefix: null, cursor: null }),
      await KV.list({ limit: 2 }),
    ]);
    expect(pages.map(({ keys }) => keys.map(({ name }) => name))).toEqual(Array(3).fill(NAMES.slice(0, 2)));
  });
});

describe('a prefix', () => {
  test('selects, page by page', async () => {
    const names = await workerd.run(async ({ KV }) => {
      const first = await KV.list({ prefix: 'key/1', limit: 600 });
      const second = await KV.list({ prefix: 'key/1', cursor: first.list_complete ? '' : first.cursor });
      return [...first.keys, ...second.keys].map(({ name }) => name);
    });
    expect(names).toEqual(NAMES.slice(1_000, 2_000));
  });

  test.each(['50%_', 'a+b c/', '%2F', '../', 'é🤓', '?&=#', 'nul\0', '*', "'", '\\'])(
    '%j is taken as it is',
    async prefix => {
      const page = await workerd.run(async ({ FEW }, start) => {
        const name = `${start}key`;
        for (const key of [name, 'a b c/key', '500key', 'zzz']) await FEW.put(key, '');
        const { keys } = await FEW.list({ prefix: start });
        await FEW.delete(name);
        return keys;
      }, prefix);
      expect(page).toEqual([{ name: `${prefix}key` }]);
    },
  );

  test('of more than 512 bytes is refused', async () => {
    expect((await workerd.run(({ KV }) => KV.list({ prefix: 'k'.repeat(512) }))).keys).toEqual([]);
    const page = workerd.run(({ KV }) => KV.list({ prefix: 'k'.repeat(513) }));
    const text = '414 UTF-8 encoded length of 513 exceeds key length limit of 512.';
    await expect(page).rejects.toThrow(`KV GET failed: ${text}`);
  });
});

test('a cursor that is none is refused', async () => {
  await expect(workerd.run(({ KV }) => KV.list({ cursor: 'not a cursor!' }))).rejects.toThrow(/^KV GET failed: 400 /);
});

test('metadata and expiration come where there are any', async () => {
  const keys = await workerd.run(async ({ FEW }) => {
    for (const { name } of (await FEW.list()).keys) await FEW.delete(name);
    await FEW.put('both', '', { metadata: ['é'], expiration: 2_000_000_000 });
    await FEW.put('neither', '');
    await FEW.put('string', '', { metadata: 'a string' });
    return (await FEW.list()).keys;
  });
  expect(keys).toEqual([
    { name: 'both', metadata: ['é'], expiration: 2_000_000_000 },
    { name: 'neither' },
    { name: 'string', metadata: 'a string' },
  ]);
});

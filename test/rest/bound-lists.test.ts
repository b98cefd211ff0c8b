/** Many pairs through a KV binding's protocol: list, and bulk get, put and delete. */
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../server/src/kv/limits.ts';
import { BoundNamespace, refusal } from './bound-namespace.fixture.ts';
import type { Namespace } from './namespace.fixture.ts';
import { serveForTests } from './server.fixture.ts';

const server = serveForTests();

async function namespace(...pairs: unknown[]): Promise<{ rest: Namespace; bound: BoundNamespace }> {
  const rest = await server.namespace();
  if (pairs.length > 0) expect((await rest.bulkPut(pairs)).status).toBe(200);
  return { rest, bound: new BoundNamespace(server.client, rest.id) };
}

function numbered(count: number): { key: string; value: string }[] {
  return Array.from({ length: count }, (_, number) => ({ key: `key ${String(number).padStart(5, '0')}`, value: 'v' }));
}

describe('list', () => {
  test('tells names, expiry, and metadata as a string of JSON, and leaves out what there is not', async () => {
    const { bound } = await namespace(
      { key: 'a', value: 'v' },
      { key: 'b', value: 'v', metadata: { n: [1, 'é'] }, expiration_ttl: 60 },
      { key: 'c', value: 'v', metadata: 'plain' },
    );
    expect((await bound.list()).json).toEqual({
      keys: [
        { name: 'a' },
        { name: 'b', expiration: server.now + 60, metadata: '{"n":[1,"é"]}' },
        { name: 'c', metadata: '"plain"' },
      ],
      list_complete: true,
    });
  });

  test('goes through pages by cursor, which the last one lacks', async () => {
    const { bound } = await namespace(...numbered(2_500));
    const names: string[] = [];
    let cursor: string | undefined = '';
    const sizes: number[] = [];
    while (cursor !== undefined) {
      const page = JSON.parse((await bound.list(`?key_count_limit=1000&prefix=&cursor=${cursor}`)).text);
      names.push(...page.keys.map(({ name }: { name: string }) => name));
      sizes.push(page.keys.length);
      expect(page.list_complete).toBe(page.cursor === undefined);
      cursor = page.cursor;
    }
    expect(names).toEqual(numbered(2_500).map(({ key }) => key));
    expect(sizes).toEqual([1_000, 1_000, 500]);
  });

  test('keeps to a prefix in form encoding, and to a limit from 1', async () => {
    const { bound } = await namespace(
      { key: 'a b+c/1', value: '' },
      { key: 'a b+c/2', value: '' },
      { key: 'x', value: '' },
    );
    const page = JSON.parse((await bound.list('?key_count_limit=1&prefix=a+b%2Bc%2F')).text);
    expect(page).toEqual({ keys: [{ name: 'a b+c/1' }], list_complete: false, cursor: expect.any(String) });
  });

  test.each([
    ['?key_count_limit=0', '400 Invalid key_count_limit of 0. Please specify an integer greater than 0.'],
    ['?key_count_limit=-1', '400 Invalid key_count_limit of -1. Please specify an integer greater than 0.'],
    ['?key_count_limit=x', '400 Invalid key_count_limit of x. Please specify an integer greater than 0.'],
    ['?key_count_limit=1001', '400 Invalid key_count_limit of 1001. Please specify an integer less than 1000.'],
    [`?prefix=${'x'.repeat(513)}`, '414 UTF-8 encoded length of 513 exceeds key length limit of 512.'],
    ['?cursor=!', "400 list keys: 'invalid cursor'"],
  ])('refuses %s', async (query, expected) => {
    const { bound } = await namespace();
    expect(refusal(await bound.list(query))).toBe(expected);
  });
});

describe('bulk get', () => {
  const PAIRS = [
    { key: 'object', value: '{"a":[1,"é"]}', metadata: { m: 1 }, expiration_ttl: 60 },
    { key: 'number', value: '12345678901234567890' },
    { key: '__proto__', value: '"p"' },
    { key: '7', value: 'null' },
  ];
  const keys = ['object', 'number', '__proto__', '7', 'missing'];

  test('answers a flat object, null for a missing key', async () => {
    const { bound } = await namespace(...PAIRS);
    expect((await bound.bulk('get', { keys })).text).toBe(
      '{"object":"{\\"a\\":[1,\\"é\\"]}","number":"12345678901234567890","__proto__":"\\"p\\"","7":"null","missing":null}',
    );
  });

  test('of type json nests the values as they are', async () => {
    const { bound } = await namespace(...PAIRS);
    expect((await bound.bulk('get', { keys, type: 'json', cacheTtl: '60' })).text).toBe(
      '{"object":{"a":[1,"é"]},"number":12345678901234567890,"__proto__":"p","7":null,"missing":null}',
    );
  });

  test('with metadata answers an object a key, and null for a missing key', async () => {
    const { bound } = await namespace(...PAIRS);
    const answer = await bound.bulk('get', { keys: ['object', '7', 'missing'], withMetadata: true });
    expect(answer.json).toEqual({
      object: { value: '{"a":[1,"é"]}', metadata: { m: 1 } },
      7: { value: 'null', metadata: null },
      missing: null,
    });
  });

  test('shows what is not UTF-8 as U+FFFD, and keeps a byte order mark', async () => {
    const { rest, bound } = await namespace();
    await rest.put('k', Uint8Array.of(0xef, 0xbb, 0xbf, 0x61, 0xff));
    expect((await bound.bulk('get', { keys: ['k'] })).json).toEqual({ k: '\ufeffa\ufffd' });
  });

  test('takes a hundred keys, and counts those that are named twice once', async () => {
    const { bound } = await namespace(...numbered(99));
    const named = [...numbered(99).map(({ key }) => key), 'key 00000'];
    expect(Object.keys((await bound.bulk('get', { keys: named })).json)).toHaveLength(99);
  });

  test.each([
    [{ keys: [] }, '400 You must request a minimum of 1 key'],
    [{ keys: Array(101).fill('k') }, '400 You can request a maximum of 100 keys'],
    [{ keys: [''] }, '400 Key names must not be empty (item 0, key "")'],
    [{ keys: ['a', 'x'.repeat(600)] }, '414 UTF-8 encoded length of 600 exceeds key length limit of 512. (item 1'],
    [{ keys: ['k'], type: 'banana' }, '400 "banana" is not a valid type. Use "json" or "text"'],
    [{ keys: ['k'], cacheTtl: '29' }, '400 Invalid cache_ttl of 29. Cache TTL must be at least 30.'],
    [{ keys: ['k'], cacheTtl: [] }, '400 Invalid cache_ttl of object. Cache TTL must be at least 30.'],
    [{ keys: ['k'], type: 'json' }, '400 At least one of the requested keys corresponds to a non-json value'],
  ])('refuses %j', async (body, expected) => {
    const { bound } = await namespace({ key: 'k', value: 'not JSON' });
    expect(refusal(await bound.bulk('get', body)).slice(0, expected.length)).toBe(expected);
  });

  test('refuses values of more than 25 MiB together', async () => {
    const { rest, bound } = await namespace();
    for (const key of ['a', 'b']) await rest.put(key, new Uint8Array(LIMITS.bulkGetValueBytes / 2 + 1));
    const answer = await bound.bulk('get', { keys: ['a', 'b'] });
    expect(refusal(answer)).toBe('413 Total size of request exceeds the limit of 25MB');
  });
});

describe("bulk put and delete, which are Freehold's own,", () => {
  test('write and delete ten thousand pairs', async () => {
    const { rest, bound } = await namespace({ key: 'stays', value: 'v' });
    const pairs = numbered(10_000);
    const done = { successful_key_count: 10_000, unsuccessful_keys: [] };
    expect((await bound.bulk('put', pairs)).json).toEqual(done);
    expect((await bound.get('key 09999')).text).toBe('v');
    expect(
      (
        await bound.bulk(
          'delete',
          pairs.map(({ key }) => key),
        )
      ).json,
    ).toEqual(done);
    expect(await rest.keys()).toEqual(['stays']);
  });

  test('name the items at fault, count those that they do not name, and change nothing', async () => {
    const { rest, bound } = await namespace();
    const pairs = [{ key: 'good', value: 'v' }, ...Array(20).fill({ key: 'bad', value: 7 })];
    const answer = await bound.bulk('put', pairs);
    expect(answer.status).toBe(400);
    expect(answer.reason).toHaveLength(LIMITS.reasonPhraseCharacters);
    expect(answer.reason).toMatch(/^value must be a string \(item 1, key "bad"\); /);
    expect(answer.text.startsWith(answer.reason)).toBe(true);
    expect(answer.text).toMatch(/; and 8 more$/);
    expect(await rest.keys()).toEqual([]);
    expect(refusal(await bound.bulk('delete', ['good', '']))).toBe('400 Key names must not be empty (item 1, key "")');
  });
});

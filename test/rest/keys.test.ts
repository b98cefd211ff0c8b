/** Listing keys: in the order of their bytes, a page at a time. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { ListedKey, Namespace } from './namespace.fixture.ts';
import { serveForTests } from './server.fixture.ts';

const server = serveForTests();

describe('a namespace of 2,500 keys', () => {
  const NAMES = Array.from({ length: 2500 }, (_, number) => `key ${String(number).padStart(4, '0')}`);
  let namespace: Namespace;

  beforeAll(async () => {
    namespace = await server.namespace();
    expect((await namespace.bulkPut(NAMES.map(key => ({ key, value: 'v' })))).status).toBe(200);
  });

  /** Page after page until there is no cursor. */
  async function pages(query: Readonly<Record<string, string>>): Promise<string[][]> {
    const found: string[][] = [];
    let cursor = '';
    do {
      const answer = await namespace.list({ ...query, cursor });
      const names = answer.result<ListedKey[]>().map(({ name }) => name);
      expect(answer.json.result_info).toEqual({ count: names.length, cursor: expect.any(String) });
      found.push(names);
      cursor = String(answer.json.result_info?.['cursor']);
    } while (cursor !== '');
    return found;
  }

  test.each([
    [{}, [1000, 1000, 500]],
    [{ limit: '1000' }, [1000, 1000, 500]],
    [{ limit: '999', prefix: '' }, [999, 999, 502]],
    [{ limit: '500' }, [500, 500, 500, 500, 500]],
  ])('comes whole and in order, %j', async (query, counts) => {
    const found = await pages(query);
    expect(found.map(names => names.length)).toEqual(counts);
    expect(found.flat()).toEqual(NAMES);
  });

  test('is cut by a prefix that goes with every page', async () => {
    const found = await pages({ prefix: 'key 01', limit: '30' });
    expect(found.map(names => names.length)).toEqual([30, 30, 30, 10]);
    expect(found.flat()).toEqual(NAMES.slice(100, 200));
  });

  test('has its last page full without a cursor to nothing', async () => {
    expect(await pages({ prefix: 'key 000', limit: '10' })).toEqual([NAMES.slice(0, 10)]);
  });

  test('goes on behind a key that was deleted meanwhile', async () => {
    const first = await namespace.list({ limit: '10', prefix: 'key 24' });
    await namespace.delete('key 2409');
    const cursor = String(first.json.result_info?.['cursor']);
    expect(await namespace.keys({ limit: '10', prefix: 'key 24', cursor })).toEqual(NAMES.slice(2410, 2420));
  });
});

test('a listing has keys, expirations and metadata, each only where there is one', async () => {
  const namespace = await server.namespace();
  const expiration = server.now + 100;
  await namespace.bulkPut([
    { key: 'a', value: 'v' },
    { key: 'b', value: 'v', expiration },
    { key: 'c', value: 'v', metadata: { x: [1, 'é'] } },
    { key: 'd', value: 'v', expiration_ttl: 100, metadata: false },
  ]);
  const answer = await namespace.list();
  expect(answer.status).toBe(200);
  expect(answer.json).toEqual({
    result: [
      { name: 'a' },
      { name: 'b', expiration },
      { name: 'c', metadata: { x: [1, 'é'] } },
      { name: 'd', expiration, metadata: false },
    ],
    errors: [],
    messages: [],
    success: true,
    result_info: { count: 4, cursor: '' },
  });
});

test('an empty namespace has one empty page', async () => {
  const { json } = await (await server.namespace()).list();
  const result_info = { count: 0, cursor: '' };
  expect(json).toEqual({ result: [], errors: [], messages: [], success: true, result_info });
});

test('keys are in the order of their UTF-8 bytes, not of their UTF-16 units', async () => {
  const namespace = await server.namespace();
  const ordered = [
    '\0',
    '\n',
    ' ',
    '/',
    'A',
    'a',
    'a\0',
    'a/',
    'aa',
    'é',
    '\ud7ff',
    '\ue000',
    '\uffff',
    '😀',
    '\u{10ffff}',
  ];
  await namespace.bulkPut(ordered.toReversed().map(key => ({ key, value: 'v' })));
  expect(await namespace.keys()).toEqual(ordered);
  const first = await namespace.list({ limit: '10' });
  const cursor = String(first.json.result_info?.['cursor']);
  expect(await namespace.keys({ cursor })).toEqual(ordered.slice(10));
});

describe('a prefix', () => {
  test.each([
    ['a%', ['a%', 'a%2F']],
    ['a_', ['a_']],
    ['a*', ['a*']],
    ['a/', ['a/', 'a/b']],
    ['😀', ['😀', '😀x']],
    ['\u{10ffff}', ['\u{10ffff}']],
    ['nothing', []],
  ])('%j is taken by the letter', async (prefix, found) => {
    const namespace = await server.namespace();
    const keys = ['a%', 'a%2F', 'a_', 'a*', 'a/', 'a/b', 'ab', 'A%', '😀', '😀x', '😁', '\u{10ffff}'];
    await namespace.bulkPut(keys.map(key => ({ key, value: 'v' })));
    expect(await namespace.keys({ prefix })).toEqual(found);
  });

  test.each(['prefix=a+b', 'prefix=a%20b'])('in a query takes %s for a space', async query => {
    const namespace = await server.namespace();
    await namespace.bulkPut(['a b', 'a+b'].map(key => ({ key, value: 'v' })));
    const answer = await server.client.send('GET', `${namespace.path}/keys?${query}`);
    expect(answer.json.result).toEqual([{ name: 'a b' }]);
  });

  test('may be as long as a key', async () => {
    const namespace = await server.namespace();
    await namespace.put('é'.repeat(256), 'v');
    expect(await namespace.keys({ prefix: 'é'.repeat(256) })).toHaveLength(1);
    expect((await namespace.list({ prefix: 'é'.repeat(257) })).failure).toBe('414 10030');
  });
});

test('empty prefix and cursor are as if absent', async () => {
  const namespace = await server.namespace();
  await namespace.put('k', 'v');
  expect(await namespace.keys({ prefix: '', cursor: '' })).toEqual(['k']);
});

test.each([
  [{ limit: '9' }, '400 10028', 'limit argument must be at least 10'],
  [{ limit: '0' }, '400 10028', 'limit argument must be at least 10'],
  [{ limit: '-1' }, '400 10028', 'limit argument must be at least 10'],
  [{ limit: '1001' }, '400 10028', 'limit argument must be at most 1000'],
  [{ limit: 'ten' }, '400 10028', 'limit argument must be an integer'],
  [{ limit: '10.5' }, '400 10028', 'limit argument must be an integer'],
  [{ limit: '' }, '400 10028', 'limit argument must be an integer'],
  [{ cursor: 'not a cursor' }, '400 10041', "list keys: 'invalid cursor'"],
  [{ cursor: '_w' }, '400 10041', "list keys: 'invalid cursor'"],
  [{ cursor: 'a'.repeat(1000) }, '400 10041', "list keys: 'invalid cursor'"],
])('%j is refused', async (query, failure, message) => {
  const answer = await (await server.namespace()).list(query as Readonly<Record<string, string>>);
  expect(answer.failure).toBe(failure);
  expect(answer.message).toBe(message);
});

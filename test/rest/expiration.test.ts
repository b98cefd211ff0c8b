/** When pairs expire, to the second. The clock is moved by hand. */
import { describe, expect, test } from 'vitest';
import type { Namespace } from './namespace.fixture.ts';
import { START, serveForTests } from './server.fixture.ts';

const server = serveForTests();

/** What a bulk write says of the item at fault. */
const AT_ITEM = ' (item 0, key "k")';

async function refusals(query: string, member: string): Promise<(string | undefined)[]> {
  const namespace = await server.namespace();
  const single = await namespace.put('k', 'v', `?${query}`);
  const bulk = await namespace.bulkPutText(`[{"key":"k","value":"v",${member}}]`);
  expect(await namespace.keys()).toEqual([]);
  return [single.failure, single.message, bulk.failure, bulk.message];
}

async function shownExpirations(namespace: Namespace): Promise<unknown[]> {
  const list = (await namespace.list()).json.result;
  const bulk = (await namespace.bulkGet({ keys: ['k'], withMetadata: true })).result<{ values: object }>().values;
  return [(await namespace.get('k')).headers['expiration'], list, bulk];
}

function expiringAt(expiration: number): unknown[] {
  return [String(expiration), [{ name: 'k', expiration }], { k: { value: 'v', metadata: null, expiration } }];
}

describe('a pair expires', () => {
  test.each([
    ['expiration_ttl=60', { expiration_ttl: 60 }, START + 60],
    [`expiration=${START + 60}`, { expiration: START + 60 }, START + 60],
    [`expiration=${START + 61}&expiration_ttl=1000`, { expiration: START + 61, expiration_ttl: 1000 }, START + 1000],
    ['expiration=1&expiration_ttl=60', { expiration: 1, expiration_ttl: 60 }, START + 60],
    ['expiration=never&expiration_ttl=60', { expiration: 'never', expiration_ttl: 60 }, START + 60],
    ['expiration_ttl=315360000000', { expiration_ttl: 315_360_000_000 }, START + 315_360_000_000],
  ])('by %s at an absolute second that every route shows', async (query, members, expiration) => {
    server.now = START;
    const single = await server.namespace();
    expect((await single.put('k', 'v', `?${query}`)).status).toBe(200);
    expect(await shownExpirations(single)).toEqual(expiringAt(expiration));
    const bulk = await server.namespace();
    expect((await bulk.bulkPut([{ key: 'k', value: 'v', ...members }])).status).toBe(200);
    expect(await shownExpirations(bulk)).toEqual(expiringAt(expiration));
  });

  test('and is there to the last second, and gone from every route at the next', async () => {
    server.now = START;
    const namespace = await server.namespace();
    await namespace.put('k', 'v', '?expiration_ttl=60');
    await namespace.put('stays', 'v');
    server.now = START + 59;
    expect(await shownExpirations(namespace)).toEqual([
      String(START + 60),
      [{ name: 'k', expiration: START + 60 }, { name: 'stays' }],
      { k: { value: 'v', metadata: null, expiration: START + 60 } },
    ]);
    expect((await namespace.metadata('k')).status).toBe(200);
    server.now = START + 60;
    expect((await namespace.get('k')).failure).toBe('404 10009');
    expect((await namespace.metadata('k')).failure).toBe('404 10009');
    expect(await namespace.keys()).toEqual(['stays']);
    expect((await namespace.bulkGet({ keys: ['k'] })).json.result).toEqual({ values: { k: null } });
    expect((await namespace.delete('k')).status).toBe(200);
  });

  test('and a page of a listing holds none that have', async () => {
    server.now = START;
    const namespace = await server.namespace();
    const pairs = Array.from({ length: 40 }, (_, number) => ({
      key: `k${String(number).padStart(2, '0')}`,
      value: 'v',
      ...(number < 25 && { expiration_ttl: 60 }),
    }));
    await namespace.bulkPut(pairs);
    server.now = START + 60;
    const { json } = await namespace.list({ limit: '10' });
    expect(json.result_info).toMatchObject({ count: 10, cursor: expect.stringMatching(/./) });
    expect(json.result).toMatchObject([{ name: 'k25' }, ...Array(9).fill({})]);
  });

  test('no more once it is written anew without an expiration', async () => {
    server.now = START;
    const namespace = await server.namespace();
    for (const key of ['single', 'bulk']) await namespace.put(key, 'old', '?expiration_ttl=60');
    await namespace.put('single', 'new');
    await namespace.bulkPut([{ key: 'bulk', value: 'new' }]);
    server.now = START + 60;
    expect((await namespace.list()).json.result).toEqual([{ name: 'bulk' }, { name: 'single' }]);
  });

  test('never where a bulk says null', async () => {
    const namespace = await server.namespace();
    await namespace.bulkPut([{ key: 'k', value: 'v', expiration: null, expiration_ttl: null }]);
    expect((await namespace.list()).json.result).toEqual([{ name: 'k' }]);
  });
});

describe('a TTL is refused', () => {
  test.each(['59', '1'])('of %s, which is too short', async ttl => {
    const text = `'Invalid expiration_ttl of ${ttl}. Expiration TTL must be at least 60.'`;
    const expected = ['400 10034', `put: ${text}`, '400 10034', `bulk put: ${text}${AT_ITEM}`];
    expect(await refusals(`expiration_ttl=${ttl}`, `"expiration_ttl":${ttl}`)).toEqual(expected);
  });

  test.each(['0', '-1', '60.5', '1e400', '"60"', 'true', '9007199254740991'])(
    'of %s, which is no positive integer',
    async ttl => {
      const plain = ttl.replaceAll('"', 'x');
      const [single, , bulk, message] = await refusals(`expiration_ttl=${plain}`, `"expiration_ttl":${ttl}`);
      expect([single, bulk]).toEqual(['400 10034', '400 10034']);
      expect(message).toMatch(/Please specify integer greater than 0\.' \(item 0, key "k"\)$/);
    },
  );

  test('that is empty or no number', async () => {
    const namespace = await server.namespace();
    for (const ttl of ['', 'x', '+60', '0x3c', '%2060']) {
      expect((await namespace.put('k', 'v', `?expiration_ttl=${ttl}`)).failure).toBe('400 10034');
    }
    expect(await namespace.keys()).toEqual([]);
  });
});

describe('an expiration is refused', () => {
  test.each([START - 1, START])('at %d, which is not in the future', async expiration => {
    server.now = START;
    const text = `'Invalid expiration of ${expiration}. Please specify integer greater than the current number of seconds since the UNIX epoch.'`;
    const expected = ['400 10033', `put: ${text}`, '400 10033', `bulk put: ${text}${AT_ITEM}`];
    expect(await refusals(`expiration=${expiration}`, `"expiration":${expiration}`)).toEqual(expected);
  });

  test.each([START + 1, START + 59])('at %d, which is less than a minute ahead', async expiration => {
    server.now = START;
    const text = `'Invalid expiration of ${expiration}. Expiration times must be at least 60 seconds in the future.'`;
    const expected = ['400 10033', `put: ${text}`, '400 10033', `bulk put: ${text}${AT_ITEM}`];
    expect(await refusals(`expiration=${expiration}`, `"expiration":${expiration}`)).toEqual(expected);
  });

  test.each(['0', '-5', '1800000060.5', 'null1', '1e99'])('of %s, which is no future second', async expiration => {
    server.now = START;
    const namespace = await server.namespace();
    expect((await namespace.put('k', 'v', `?expiration=${expiration}`)).failure).toBe('400 10033');
    expect(await namespace.keys()).toEqual([]);
  });
});

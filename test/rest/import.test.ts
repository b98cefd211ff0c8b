/** Imports, and values that are replaced alone. */
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../server/src/kv/limits.ts';
import { OwnEndpoints } from './own.fixture.ts';
import { START, serveForTests } from './server.fixture.ts';

const server = serveForTests();

async function open() {
  const namespace = await server.namespace();
  return { namespace, own: new OwnEndpoints(server.client, namespace) };
}

const NOTHING = { written: 0, expired: 0, skipped: 0, unsuccessful_keys: [] };

describe('an import', () => {
  test('writes pairs as a bulk write does, of which some may be about to expire', async () => {
    const { own } = await open();
    const pairs = [
      { key: 'a', value: 'text', metadata: { a: 1 } },
      { key: 'b', value: '/w==', base64: true, expiration: START + 1 },
      { key: 'c', value: '', expiration: START + 1_000 },
    ];
    expect((await own.import(pairs)).result()).toEqual({ ...NOTHING, written: 3 });
    expect(await own.lines()).toEqual([pairs[0], pairs[1], pairs[2]]);
    expect((await own.import([{ key: 'd', value: 'v', expiration_ttl: 1 }])).result()).toMatchObject({ written: 1 });
    expect(await own.lines({ prefix: 'd' })).toEqual([{ key: 'd', value: 'v', expiration: START + 1 }]);
  });

  test('leaves out what has expired, and counts it', async () => {
    const { own } = await open();
    const pairs = [START, START - 1, 0, -1, START + 1].map((expiration, n) => ({
      key: `${n}`,
      value: 'v',
      expiration,
    }));
    expect((await own.import(pairs)).result()).toEqual({ ...NOTHING, written: 1, expired: 4 });
    expect(await own.lines({ show: 'keys' })).toEqual(['4']);
    expect((await own.import(pairs.slice(0, 4))).result()).toEqual({ ...NOTHING, expired: 4 });
    expect((await own.import([])).result()).toEqual(NOTHING);
  });

  test.each([
    [{ key: 'k', value: 'v', expiration: 1.5 }, '400 10033'],
    [{ key: 'k', value: 'v', expiration: '1' }, '400 10033'],
    [{ key: 'k', value: 'v', expiration_ttl: 0 }, '400 10034'],
    [{ key: 'k', value: 7, expiration: 1 }, '400 10012'],
    [{ key: '.', value: 'v', expiration: 1 }, '400 10042'],
  ])('is refused whole for %j', async (pair, failure) => {
    const { own } = await open();
    expect((await own.import([{ key: 'a', value: 'v' }, pair])).failure).toBe(failure);
    expect(await own.lines()).toEqual([]);
  });

  test('has the limits of a bulk write', async () => {
    const { own } = await open();
    const pairs = Array.from({ length: LIMITS.bulkPutPairs + 1 }, (_, n) => ({ key: `${n}`, value: 'v' }));
    expect((await own.import(pairs)).failure).toBe('400 10029');
    expect((await own.import({})).failure).toBe('400 10012');
  });

  test('overwrites, skips or is refused where keys are there already', async () => {
    const { namespace, own } = await open();
    await namespace.put('b', 'there');
    const pairs = ['a', 'b', 'c'].map(key => ({ key, value: 'new' }));
    const refused = await own.import(pairs, { on_conflict: 'fail' });
    expect(refused.failure).toBe('409 10409');
    expect(refused.message).toBe('import: \'1 of the keys are there already, such as "b"\'');
    expect(await own.lines({ show: 'keys' })).toEqual(['b']);
    expect((await own.import(pairs, { on_conflict: 'skip' })).result()).toEqual({ ...NOTHING, written: 2, skipped: 1 });
    expect((await namespace.get('b')).text).toBe('there');
    expect((await own.import(pairs, { on_conflict: 'overwrite' })).result()).toEqual({ ...NOTHING, written: 3 });
    expect((await namespace.get('b')).text).toBe('new');
    const others = [{ key: 'd', value: 'new' }];
    expect((await own.import(others, { on_conflict: 'fail' })).result()).toEqual({ ...NOTHING, written: 1 });
    expect((await own.import(others, { on_conflict: 'Skip' })).failure).toBe('400 10400');
  });

  test('names a few keys where many are there', async () => {
    const { own } = await open();
    const pairs = Array.from({ length: 100 }, (_, n) => ({ key: `key ${n} ${'x'.repeat(100)}`, value: 'v' }));
    await own.import(pairs);
    const { message = '' } = await own.import(pairs, { on_conflict: 'fail' });
    expect(message).toMatch(/^import: '100 of the keys are there already, such as "key 0 x+…", "key 1 x+…", /);
    expect(message.length).toBeLessThan(1_500);
  });
});

describe('a value that is replaced alone', () => {
  test('keeps metadata and expiration', async () => {
    const { namespace, own } = await open();
    await namespace.bulkPut([{ key: 'a/b', value: 'old', metadata: { a: 1 }, expiration: START + 100 }]);
    expect((await own.replaceValue('a/b', 'new')).result()).toEqual({ existed: true });
    expect(await own.lines()).toEqual([{ key: 'a/b', value: 'new', expiration: START + 100, metadata: { a: 1 } }]);
  });

  test('makes a pair where there is none', async () => {
    const { own } = await open();
    expect((await own.replaceValue('k', Buffer.from([255]))).result()).toEqual({ existed: false });
    expect(await own.lines()).toEqual([{ key: 'k', value: '/w==', base64: true }]);
  });

  test('is asked for by name', async () => {
    const { own } = await open();
    const queries: Readonly<Record<string, string>>[] = [{}, { keep: 'false' }, { keep: '' }];
    for (const query of queries) {
      expect((await own.replaceValue('k', 'v', query)).failure).toBe('400 10400');
    }
    expect((await own.replaceValue('k', new Uint8Array(LIMITS.valueBytes + 1))).failure).toBe('413 10024');
    expect(await own.lines()).toEqual([]);
  });
});

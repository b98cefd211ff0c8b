/** Bulk writes: ten thousand pairs or none. */
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../server/src/kv/limits.ts';
import type { Namespace } from './namespace.fixture.ts';
import { serveForTests } from './server.fixture.ts';

const server = serveForTests();

function written(count: number): object {
  const result = { successful_key_count: count, unsuccessful_keys: [] };
  return { result, errors: [], messages: [], success: true };
}

function numbered(count: number): { key: string; value: string }[] {
  return Array.from({ length: count }, (_, number) => ({ key: `k${number}`, value: `v${number}` }));
}

async function count(namespace: Namespace): Promise<number> {
  let keys = 0;
  let cursor = '';
  do {
    const { json } = await namespace.list({ cursor });
    keys += Number(json.result_info?.['count']);
    cursor = String(json.result_info?.['cursor']);
  } while (cursor !== '');
  return keys;
}

describe('writes', () => {
  test('all pairs, which every route shows at once', async () => {
    const namespace = await server.namespace();
    const expiration = server.now + 60;
    const answer = await namespace.bulkPut([
      { key: 'a', value: 'é' },
      { key: 'b', value: '/wA=', base64: true, metadata: { x: 1 }, expiration, unknown: [{}] },
      { key: 'c', value: '', base64: null, metadata: null, expiration: null, expiration_ttl: null },
    ]);
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual(written(3));
    expect((await namespace.get('a')).text).toBe('é');
    expect((await namespace.get('b')).bytes).toEqual(Buffer.from([255, 0]));
    expect((await namespace.get('c')).text).toBe('');
    expect((await namespace.metadata('b')).json.result).toEqual({ x: 1 });
    expect((await namespace.metadata('c')).json.result).toBeNull();
    const listed = [{ name: 'a' }, { name: 'b', expiration, metadata: { x: 1 } }, { name: 'c' }];
    expect((await namespace.list()).json.result).toEqual(listed);
  });

  test('nothing for an empty array, and succeeds', async () => {
    expect((await (await server.namespace()).bulkPut([])).json).toEqual(written(0));
  });

  test('ten thousand pairs, and not one more', async () => {
    const namespace = await server.namespace();
    expect((await namespace.bulkPut(numbered(LIMITS.bulkPutPairs))).json).toEqual(written(10_000));
    expect(await count(namespace)).toBe(10_000);
    const other = await server.namespace();
    const refused = await other.bulkPut(numbered(LIMITS.bulkPutPairs + 1));
    expect(refused.failure).toBe('400 10029');
    expect(refused.message).toBe("bulk put: 'You can write a maximum of 10000 pairs, received 10001'");
    expect(await other.keys()).toEqual([]);
  });

  test('keys as they are: no escape is decoded', async () => {
    const namespace = await server.namespace();
    const keys = ['\0', '\n', ' ', '%2F', '+', '../x', '/', '__proto__', 'a#b?c', '"\\', '\u2028', '😀'];
    expect((await namespace.bulkPut(keys.map(key => ({ key, value: 'v' })))).json).toEqual(written(keys.length));
    expect(await namespace.keys()).toEqual(keys.toSorted());
    for (const key of keys) expect((await namespace.get(key)).text).toBe('v');
  });

  test('U+FFFD for lone surrogates and bytes that are not UTF-8', async () => {
    const namespace = await server.namespace();
    await namespace.bulkPutText('[{"key":"a","value":"\\ud800x"}]');
    await namespace.bulkPutText(
      Buffer.concat([Buffer.from('[{"key":"b","value":"'), Buffer.of(255), Buffer.from('"}]')]),
    );
    expect((await namespace.get('a')).text).toBe('\ufffdx');
    expect((await namespace.get('b')).text).toBe('\ufffd');
  });

  test('over earlier pairs, whose metadata and expiration go', async () => {
    const namespace = await server.namespace();
    await namespace.bulkPut([{ key: 'k', value: 'old', metadata: 1, expiration_ttl: 60 }]);
    await namespace.bulkPut([{ key: 'k', value: 'new' }]);
    expect((await namespace.list()).json.result).toEqual([{ name: 'k' }]);
    expect((await namespace.get('k')).text).toBe('new');
  });

  test('identical duplicates once, and counts them once', async () => {
    const namespace = await server.namespace();
    const pair = { key: 'someKey', value: 'someValue', expiration_ttl: 60, metadata: { a: 1 } };
    expect((await namespace.bulkPut(Array(1000).fill(pair))).json).toEqual(written(1));
    expect(await namespace.keys()).toEqual(['someKey']);
  });

  test('the same request twice, for clients repeat themselves', async () => {
    const namespace = await server.namespace();
    for (let time = 0; time < 2; time++) expect((await namespace.bulkPut(numbered(3))).json).toEqual(written(3));
    expect(await count(namespace)).toBe(3);
  });

  test('whatever content type is named', async () => {
    const namespace = await server.namespace();
    for (const type of ['text/plain', 'multipart/form-data; boundary=b', 'nonsense']) {
      const headers = { 'content-type': type };
      const answer = await server.client.send('PUT', `${namespace.path}/bulk`, '[{"key":"k","value":"v"}]', headers);
      expect(answer.json).toEqual(written(1));
    }
  });

  test('a value of 25 MiB, also from base64, and not a byte more', async () => {
    const namespace = await server.namespace();
    const largest = Buffer.alloc(LIMITS.valueBytes, 7);
    const base64 = (bytes: Buffer) => [{ key: 'b', value: bytes.toString('base64'), base64: true }];
    expect((await namespace.bulkPut(base64(largest))).json).toEqual(written(1));
    expect((await namespace.get('b')).bytes.equals(largest)).toBe(true);
    const plain = [{ key: 'p', value: 'x'.repeat(LIMITS.valueBytes) }];
    expect((await namespace.bulkPut(plain)).json).toEqual(written(1));
    for (const tooLarge of [
      base64(Buffer.alloc(LIMITS.valueBytes + 1)),
      [{ key: 'b', value: `${plain[0]?.value}x` }],
    ]) {
      const refused = await namespace.bulkPut(tooLarge);
      expect(refused.failure).toBe('413 10024');
      const text = 'bulk put: \'Value length of 26214401 exceeds limit of 26214400.\' (item 0, key "b")';
      expect(refused.message).toBe(text);
    }
    expect((await namespace.get('b')).bytes.equals(largest)).toBe(true);
  });
});

describe('refuses, with nothing written,', () => {
  const GOOD = { key: 'good', value: 'v' };

  test.each([
    [{ key: '', value: 'v' }, '400 10042', 'bulk put: \'Key names must not be empty\' (item 1, key "")'],
    [{ key: '.', value: 'v' }, '400 10042', /Illegal key name "\."\. .* \(item 1, key "\."\)$/],
    [{ key: '..', value: 'v' }, '400 10042', /Illegal key name "\.\."/],
    [{ key: 'x'.repeat(513), value: 'v' }, '414 10030', /^bulk put: 'UTF-8 encoded length of 513 exceeds key length/],
    [{ key: '😀'.repeat(129), value: 'v' }, '414 10030', /length of 516 /],
    [{ value: 'v' }, '400 10012', "bulk put: 'key must be a string' (item 1)"],
    [{ key: 7, value: 'v' }, '400 10012', "bulk put: 'key must be a string' (item 1)"],
    [{ key: 'k' }, '400 10012', 'bulk put: \'value must be a string\' (item 1, key "k")'],
    [{ key: 'k', value: 7 }, '400 10012', /value must be a string/],
    [{ key: 'k', value: null }, '400 10012', /value must be a string/],
    [{ key: 'k', value: 'v', base64: 'yes' }, '400 10012', /base64 must be a boolean/],
    [
      { key: 'k', value: 'v', metadata: 'x'.repeat(1023) },
      '413 10047',
      /Metadata length of 1025 exceeds limit of 1024/,
    ],
    [{ key: 'k', value: 'v', expiration_ttl: 59 }, '400 10034', /Expiration TTL must be at least 60/],
    [{ key: 'k', value: 'v', expiration: 1 }, '400 10033', /Invalid expiration of 1\./],
    ['k', '400 10012', "bulk put: 'item must be an object' (item 1)"],
    [null, '400 10012', "bulk put: 'item must be an object' (item 1)"],
    [{ key: 'good', value: 'w' }, '400 10012', /received duplicate key with different values .*: "good"' \(item 1, /],
    [{ ...GOOD, metadata: 1 }, '400 10012', /received duplicate key/],
    [{ ...GOOD, expiration_ttl: 60 }, '400 10012', /received duplicate key/],
  ])('the item %.80j', async (item, failure, message) => {
    const namespace = await server.namespace();
    const answer = await namespace.bulkPut([GOOD, item]);
    expect(answer.failure).toBe(failure);
    if (typeof message === 'string') expect(answer.message).toBe(message);
    else expect(answer.message).toMatch(message);
    expect(answer.json.result).toBeNull();
    expect(answer.json.messages).toEqual([
      { code: answer.json.errors[0]?.code, message: '1 item is at fault and nothing was changed' },
    ]);
    expect(await namespace.keys()).toEqual([]);
  });

  test.each([
    ['YWJj!', 4],
    ['YWI', 0],
    ['YW-_', 2],
    ['====', 0],
  ])('the base64 %j', async (value, byte) => {
    const namespace = await server.namespace();
    const answer = await namespace.bulkPut([{ key: 'k', value, base64: true }]);
    expect(answer.failure).toBe('400 10012');
    const err = `illegal base64 data at input byte ${byte}`;
    const text = `bulk put: 'could not base64 decode value for key: "k", err: '${err}'' (item 0, key "k")`;
    expect(answer.message).toBe(text);
  });

  test.each([
    '',
    '{',
    '{}',
    'null',
    '"k"',
    '[',
    '[{"key":"k","value":"v"},]',
    '[{"key":"k","value":"v"}]x',
    "[{'key':1}]",
  ])('the body %s, which is no JSON array', async body => {
    const namespace = await server.namespace();
    const answer = await namespace.bulkPutText(body);
    expect(answer.failure).toBe('400 10012');
    expect(answer.message).toMatch(/^could not parse array of key-value pairs from request body: '.+'$/s);
    expect(await namespace.keys()).toEqual([]);
  });

  test('many faults at once: the first twelve are listed, and their number is told', async () => {
    const namespace = await server.namespace();
    const pairs = Array.from({ length: 40 }, (_, number) => ({ key: `k${number}`, value: number % 2 ? 'v' : number }));
    const { status, json } = await namespace.bulkPut(pairs);
    expect(status).toBe(400);
    expect(json.errors).toEqual(
      Array.from({ length: 12 }, (_, number) => ({
        code: 10012,
        message: `bulk put: 'value must be a string' (item ${number * 2}, key "k${number * 2}")`,
      })),
    );
    const message = '20 items are at fault and nothing was changed; the first 12 are listed';
    expect(json.messages).toEqual([{ code: 10012, message }]);
    expect(await namespace.keys()).toEqual([]);
  });

  test('faults of different kinds, with the status of the first', async () => {
    const namespace = await server.namespace();
    const answer = await namespace.bulkPut([
      { key: 'x'.repeat(600), value: 'v' },
      { key: 'k', value: 7 },
    ]);
    expect(answer.failure).toBe('414 10030 10012');
    expect(answer.message).toContain(`(item 0, key "${'x'.repeat(64)}…")`);
    expect(answer.json.messages).toEqual([{ code: 10030, message: '2 items are at fault and nothing was changed' }]);
  });
});

/** Bulk reads. */
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../server/src/kv/limits.ts';
import { serveForTests } from './server.fixture.ts';

const server = serveForTests();

test('answers values by key, and null for missing keys', async () => {
  const namespace = await server.namespace();
  await namespace.bulkPut([
    { key: 'a', value: 'é\n"' },
    { key: 'b', value: '' },
  ]);
  const { status, json } = await namespace.bulkGet({ keys: ['b', 'a', 'missing'] });
  expect(status).toBe(200);
  const result = { values: { a: 'é\n"', b: '', missing: null } };
  expect(json).toEqual({ result, errors: [], messages: [], success: true });
});

test('with metadata answers an object a key', async () => {
  const namespace = await server.namespace();
  const expiration = server.now + 60;
  await namespace.bulkPut([
    { key: 'a', value: 'v', metadata: { x: 1 }, expiration },
    { key: 'b', value: 'v' },
  ]);
  const { json } = await namespace.bulkGet({ keys: ['a', 'b', 'missing'], withMetadata: true, type: 'text' });
  expect(json.result).toEqual({
    values: { a: { value: 'v', metadata: { x: 1 }, expiration }, b: { value: 'v', metadata: null }, missing: null },
  });
});

test('of type json answers values as JSON, digit by digit', async () => {
  const namespace = await server.namespace();
  const texts = { object: '{"a": [1]}', number: '12345678901234567890', text: '"v"', null: 'null' };
  await namespace.bulkPut(Object.entries(texts).map(([key, value]) => ({ key, value })));
  const answer = await namespace.bulkGet({ keys: Object.keys(texts), type: 'json' });
  expect(answer.json.result).toMatchObject({ values: { object: { a: [1] }, text: 'v', null: null } });
  expect(answer.text).toContain('"number":12345678901234567890');
});

test('takes __proto__ for a key like any other, and duplicates once', async () => {
  const namespace = await server.namespace();
  await namespace.put('__proto__', 'v');
  const answer = await namespace.bulkGet({ keys: ['__proto__', 'a', '__proto__', 'a'] });
  expect(answer.text).toContain('{"values":{"__proto__":"v","a":null}}');
});

test('takes null for what is optional, and members that are not known', async () => {
  const namespace = await server.namespace();
  const body = { keys: ['k'], type: null, withMetadata: null, other: 1 };
  expect((await namespace.bulkGet(body)).json.result).toEqual({ values: { k: null } });
});

test('takes a hundred keys and not one more', async () => {
  const namespace = await server.namespace();
  const keys = Array.from({ length: LIMITS.bulkGetKeys }, (_, number) => `k${number}`);
  expect((await namespace.bulkGet({ keys })).status).toBe(200);
  const refused = await namespace.bulkGet({ keys: [...keys, 'one more'] });
  expect(refused.failure).toBe('400 10029');
  expect(refused.message).toBe("bulk get keys: 'You can request a maximum of 100 keys'");
});

test('answers 25 MiB of values, and not a byte more', async () => {
  const namespace = await server.namespace();
  const half = 'x'.repeat(LIMITS.bulkGetValueBytes / 2);
  await namespace.bulkPut([
    { key: 'a', value: half },
    { key: 'b', value: half },
    { key: 'c', value: 'x' },
  ]);
  const answer = await namespace.bulkGet({ keys: ['a', 'b'] });
  expect(answer.status).toBe(200);
  expect(answer.bytes.length).toBeGreaterThan(LIMITS.bulkGetValueBytes);
  const refused = await namespace.bulkGet({ keys: ['a', 'b', 'c'] });
  expect(refused.failure).toBe('413 10029');
  expect(refused.message).toBe("bulk get keys: 'Total size of request exceeds the limit of 25MB'");
});

describe('fails whole', () => {
  test.each([undefined, 'text', 'json'])('for one value that is not text, type %s', async type => {
    const namespace = await server.namespace();
    await namespace.put('good', '1');
    await namespace.put('binary', Uint8Array.of(0xff));
    const answer = await namespace.bulkGet({ keys: ['good', 'binary'], type });
    expect(answer.failure).toBe('400 10029');
    const kind = type === 'json' ? 'non-json' : 'non-text';
    expect(answer.message).toBe(`bulk get keys: 'At least one of the requested keys corresponds to a ${kind} value'`);
  });

  test.each(['', '{', 'undefined', 'plain'])('for the value %j, which is not JSON', async value => {
    const namespace = await server.namespace();
    await namespace.put('k', value);
    expect((await namespace.bulkGet({ keys: ['k'], type: 'json' })).failure).toBe('400 10029');
    expect((await namespace.bulkGet({ keys: ['k'] })).json.result).toEqual({ values: { k: value } });
  });
});

test.each([
  ['{"keys":[]}', '400 10029', "bulk get keys: 'You must request a minimum of 1 key'"],
  [
    '{"keys":["k"],"type":"stream"}',
    '400 10029',
    /^bulk get keys: '"stream" is not a valid type\. Use "json" or "text"'$/,
  ],
  ['{"keys":["k"],"type":7}', '400 10029', /is not a valid type/],
  ['{"keys":["k"],"type":{"toString":1}}', '400 10029', /is not a valid type/],
  ['{"keys":["k"],"withMetadata":"yes"}', '400 10012', /withMetadata must be a boolean/],
  ['{}', '400 10012', /keys must be an array/],
  ['{"keys":"k"}', '400 10012', /keys must be an array/],
  ['["k"]', '400 10012', /^could not parse array of keys from request body: 'not an object'$/],
  ['', '400 10012', /^could not parse array of keys/],
  ['{"keys":["k"]', '400 10012', /^could not parse array of keys/],
  ['{"keys":["k",""]}', '400 10042', 'bulk get keys: \'Key names must not be empty\' (item 1, key "")'],
  ['{"keys":["k",7]}', '400 10012', "bulk get keys: 'key must be a string' (item 1)"],
])('the body %s is refused', async (body, failure, message) => {
  const namespace = await server.namespace();
  const answer = await server.client.send('POST', `${namespace.path}/bulk/get`, body);
  expect(answer.failure).toBe(failure);
  if (typeof message === 'string') expect(answer.message).toBe(message);
  else expect(answer.message).toMatch(message);
});

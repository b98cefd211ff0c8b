/** Bulk deletions, by both of their routes. */
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../server/src/kv/limits.ts';
import type { Answer } from './client.fixture.ts';
import type { Namespace } from './namespace.fixture.ts';
import { serveForTests } from './server.fixture.ts';

const server = serveForTests();

function deleted(count: number): object {
  const result = { successful_key_count: count, unsuccessful_keys: [] };
  return { result, errors: [], messages: [], success: true };
}

describe.each([
  ['POST', '/bulk/delete'],
  ['DELETE', '/bulk'],
])('%s %s', (method, path) => {
  const send = (namespace: Namespace, body: string): Promise<Answer> =>
    server.client.send(method, namespace.path + path, body, { 'content-type': 'application/json' });
  const remove = (namespace: Namespace, keys: unknown): Promise<Answer> => send(namespace, JSON.stringify(keys));

  test('deletes the keys it is given, and no others', async () => {
    const namespace = await server.namespace();
    await namespace.bulkPut(['a', 'b', '%2F', '/', 'a\0'].map(key => ({ key, value: 'v' })));
    const answer = await remove(namespace, ['a', '%2F']);
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual(deleted(2));
    expect(await namespace.keys()).toEqual(['/', 'a\0', 'b']);
    expect((await namespace.get('a')).failure).toBe('404 10009');
  });

  test('counts keys that do not exist, and duplicates once', async () => {
    const namespace = await server.namespace();
    await namespace.put('a', 'v');
    expect((await remove(namespace, ['a', 'missing', 'a'])).json).toEqual(deleted(2));
  });

  test('of nothing succeeds', async () => {
    expect((await remove(await server.namespace(), [])).json).toEqual(deleted(0));
  });

  test('takes ten thousand keys and not one more', async () => {
    const namespace = await server.namespace();
    const keys = Array.from({ length: LIMITS.bulkDeleteKeys }, (_, number) => `k${number}`);
    await namespace.bulkPut(keys.map(key => ({ key, value: 'v' })));
    const refused = await remove(namespace, [...keys, 'one more']);
    expect(refused.failure).toBe('400 10029');
    expect(refused.message).toBe("bulk remove keys: 'You can delete a maximum of 10000 keys, received 10001'");
    expect(await namespace.keys()).toHaveLength(1000);
    expect((await remove(namespace, keys)).json).toEqual(deleted(10_000));
    expect(await namespace.keys()).toEqual([]);
  });

  test.each(['', '{}', 'null', 'nonsense', '["a",]', '["a"]]', '{"keys":["a"]}'])('refuses the body %j', async body => {
    const namespace = await server.namespace();
    await namespace.put('a', 'v');
    const answer = await send(namespace, body);
    expect(answer.failure).toBe('400 10012');
    expect(answer.message).toMatch(/^could not parse array of keys from request body: '.+'$/s);
    expect(await namespace.keys()).toEqual(['a']);
  });

  test('refuses faulty keys by name, with nothing deleted', async () => {
    const namespace = await server.namespace();
    await namespace.put('a', 'v');
    const answer = await remove(namespace, ['a', 7, '', '..', 'x'.repeat(513)]);
    expect(answer.failure).toBe('400 10012 10042 10042 10030');
    expect(answer.json.errors.map(({ message }) => message)).toEqual([
      "bulk remove keys: 'key must be a string' (item 1)",
      'bulk remove keys: \'Key names must not be empty\' (item 2, key "")',
      'bulk remove keys: \'Illegal key name "..". Please use a different name.\' (item 3, key "..")',
      expect.stringMatching(/^bulk remove keys: 'UTF-8 encoded length of 513 .* \(item 4, key "x{64}…"\)$/),
    ]);
    expect(answer.json.messages).toEqual([{ code: 10012, message: '4 items are at fault and nothing was changed' }]);
    expect(await namespace.keys()).toEqual(['a']);
  });
});

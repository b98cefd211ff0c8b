/** JSON that is meant to break its reader. It is JSON all the same: read where it is sound, refused where it is not. */
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../server/src/kv/limits.ts';
import { serveForTests } from '../rest/server.fixture.ts';

const server = serveForTests();

function nested(levels: number, open: string, close: string): string {
  return open.repeat(levels) + close.repeat(levels);
}

/** JSON texts of about the size that the body may have. */
function bombs(bytes: number): Readonly<Record<string, string>> {
  return {
    'arrays within each other': nested(bytes / 2, '[', ']'),
    'objects within each other': `${nested(Math.floor(bytes / 6), '{"":', '}').replace(':}', ':0}')}`,
    'a number of many digits': '9'.repeat(bytes),
    'a fraction of many digits': `0.${'3'.repeat(bytes - 2)}`,
    'an exponent of many digits': `1e${'9'.repeat(bytes - 2)}`,
    'an array of many items': `[${'0,'.repeat(bytes / 2 - 2)}0]`,
    'arrays that are never closed': '['.repeat(bytes),
    'strings that are never closed': '"'.padEnd(bytes, 'x'),
    'escapes without end': `"${'\\u0000'.repeat(bytes / 6 - 2)}"`,
  };
}

const SMALL = bombs(LIMITS.jsonBodyBytes - 100);
const LARGE = bombs(3_000_000);
const NAMES = Object.keys(SMALL);

/** Fails without `JsonNesting` in `kv/json-scanner.ts`, were it to call itself for each level. */
describe('in a bulk of 3 MB', () => {
  test.each(NAMES)('%s', async name => {
    const json = LARGE[name] ?? expect.unreachable();
    const namespace = await server.namespace();
    const whole = await server.client.send('PUT', `${namespace.path}/bulk`, json);
    expect(whole.status).toBe(400);
    expect(whole.failure).toMatch(/^400 (10012|10029)$/);
    expect((await server.client.send('POST', `${namespace.path}/bulk/delete`, json)).failure).toMatch(
      /^400 (10012|10029)/,
    );
    const metadata = await server.client.send(
      'PUT',
      `${namespace.path}/bulk`,
      `[{"key":"k","value":"v","metadata":${json}}]`,
    );
    expect(metadata.failure).toMatch(/^(413 10047|400 10012)$/);
    const unknown = await server.client.send('PUT', `${namespace.path}/bulk`, `[{"x":${json},"key":"k","value":"v"}]`);
    expect(unknown.failure ?? '').toMatch(isSound(json) ? /^200 / : /^400 10012$/);
    expect(await namespace.keys()).toEqual(isSound(json) ? ['k'] : []);
  });
});

describe('in a small body', () => {
  test.each(NAMES)('%s', async name => {
    const json = SMALL[name] ?? expect.unreachable();
    const namespace = await server.namespace();
    expect((await server.client.send('PUT', namespace.path, json)).failure).toMatch(/^400 100(12|19)$/);
    expect((await server.client.send('POST', `${namespace.path}/bulk/get`, json)).failure).toBe('400 10012');
    const within = await server.client.send('POST', `${namespace.path}/bulk/get`, `{"keys":["k"],"x":${json}}`);
    expect(within.status).toBe(isSound(json) ? 200 : 400);
  });
});

function isSound(json: string): boolean {
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}

/** Fails where members of a body are taken by assignment to an object with a prototype. */
test('`__proto__` and its like are keys and members as any other', async () => {
  const namespace = await server.namespace();
  const keys = ['__proto__', 'constructor', 'hasOwnProperty', 'prototype', 'toString'];
  const pairs = keys.map(
    key => `{"key":${JSON.stringify(key)},"value":"v","__proto__":{"base64":true},"constructor":1}`,
  );
  expect((await server.client.send('PUT', `${namespace.path}/bulk`, `[${pairs}]`)).status).toBe(200);
  expect(await namespace.keys()).toEqual(keys.toSorted());
  const asked = await server.client.send(
    'POST',
    `${namespace.path}/bulk/get`,
    JSON.stringify({ keys: [...keys, 'valueOf'] }),
  );
  expect(asked.text).toContain('"__proto__":"v"');
  expect(asked.text).toContain('"valueOf":null');
  const polluted = `{"__proto__":{"keys":["a"]},"title":"t"}`;
  expect((await server.client.send('POST', `${namespace.path}/bulk/get`, polluted)).failure).toBe('400 10012');
  expect((await server.client.send('PUT', namespace.path, '{"__proto__":{"title":"polluted"}}')).failure).toBe(
    '400 10019',
  );
  expect(({} as Record<string, unknown>)['title']).toBeUndefined();
});

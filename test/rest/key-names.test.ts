/** Keys in a path: decoded exactly once, and never normalised. */
import { describe, expect, test } from 'vitest';
import { RawConnection } from './raw-connection.fixture.ts';
import { NAMESPACES_PATH, serveForTests, TOKEN } from './server.fixture.ts';

const server = serveForTests();

describe('a path holds the key', () => {
  test.each([
    ['a%2Fb', 'a/b'],
    ['a/b', 'a/b'],
    ['a%252Fb', 'a%2Fb'],
    ['a+b', 'a+b'],
    ['a%20b', 'a b'],
    ['a%2Bb', 'a+b'],
    ['/', '/'],
    ['//', '//'],
    ['a//b', 'a//b'],
    ['a/', 'a/'],
    ['a/../b', 'a/../b'],
    ['..%2F', '../'],
    ['../x', '../x'],
    ['./', './'],
    ['...', '...'],
    ['%00', '\0'],
    ['%0A', '\n'],
    ['%0d%0a', '\r\n'],
    ['%20', ' '],
    ['a:b', 'a:b'],
    ['a;b=c', 'a;b=c'],
    ["!'()*,;=@&$", "!'()*,;=@&$"],
    ['a#b', 'a#b'],
    ['a%23b', 'a#b'],
    ['a%3Fb', 'a?b'],
    ['%F0%9F%98%80', '😀'],
    ['e%CC%81', 'e\u0301'],
    ['%C3%A9', 'é'],
    ['%EF%BF%BD', '\ufffd'],
    ['%EF%BB%BFa', '\ufeffa'],
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
    ['key', 'key'],
    [':key_name', ':key_name'],
    ['*', '*'],
    ['bulk', 'bulk'],
    ['"\\', '"\\'],
    ['%25', '%'],
    ['%2e%2e%2e', '...'],
  ])('%s as %j', async (raw, key) => {
    const namespace = await server.namespace();
    expect((await namespace.putRaw(raw, 'v')).status).toBe(200);
    expect(await namespace.keys()).toEqual([key]);
    expect((await namespace.getRaw(raw)).text).toBe('v');
    expect((await server.client.send('GET', `${namespace.path}/metadata/${raw}`)).status).toBe(200);
    expect((await namespace.bulkGet({ keys: [key] })).text).toContain(`{${JSON.stringify(key)}:"v"}`);
    expect((await server.client.send('DELETE', `${namespace.path}/values/${raw}`)).status).toBe(200);
    expect(await namespace.keys()).toEqual([]);
  });

  test('up to the question mark', async () => {
    const namespace = await server.namespace();
    expect((await namespace.putRaw('a', 'v', '?expiration_ttl=60?b')).failure).toBe('400 10034');
    expect((await namespace.putRaw('a', 'v', '?')).status).toBe(200);
    expect(await namespace.keys()).toEqual(['a']);
  });

  test('also in the absolute form that is sent to proxies', async () => {
    const namespace = await server.namespace();
    await namespace.put('a/b', 'v');
    const connection = await RawConnection.open(server.port);
    const head = `Host: x\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`;
    await connection.send(`GET HTTP://x.test${namespace.path}/values/a%2Fb HTTP/1.1\r\n${head}`);
    expect(await connection.answer()).toMatchObject({ status: 200, body: 'v' });
    await connection.send(`GET http://x.test HTTP/1.1\r\n${head}`);
    expect(await connection.answer()).toMatchObject({ status: 200, body: expect.stringMatching(/^Freehold/) });
    connection.end();
  });
});

describe('refused', () => {
  test.each([
    ['.', '400 10042'],
    ['..', '400 10042'],
    ['%2e', '400 10042'],
    ['%2E%2e', '400 10042'],
    ['%', '400 10042'],
    ['%zz', '400 10042'],
    ['a%2', '400 10042'],
    ['%ff', '400 10042'],
    ['%ed%a0%80', '400 10042'],
    // Bytes beyond ASCII have to be escaped, or it is not HTTP.
    ['\xc3\xa9', '400 10400'],
    ['x'.repeat(513), '414 10030'],
    ['%F0%9F%98%80'.repeat(129), '414 10030'],
    ['%C3%A9'.repeat(257), '414 10030'],
  ])('%s', async (raw, failure) => {
    const namespace = await server.namespace();
    expect((await namespace.putRaw(raw, 'v')).failure).toBe(failure);
    expect((await namespace.getRaw(raw)).failure).toBe(failure);
    expect((await server.client.send('DELETE', `${namespace.path}/values/${raw}`)).failure).toBe(failure);
    expect((await server.client.send('GET', `${namespace.path}/metadata/${raw}`)).failure).toBe(failure);
    expect(await namespace.keys()).toEqual([]);
  });

  test('is no key at all: such a path leads nowhere', async () => {
    const namespace = await server.namespace();
    expect((await namespace.getRaw('')).failure).toBe('404 7003 7000');
    expect((await namespace.putRaw('', 'v', '?expiration_ttl=60')).failure).toBe('404 7003 7000');
  });
});

test('a key may have 512 bytes, of whatever characters', async () => {
  const namespace = await server.namespace();
  const keys = ['x'.repeat(512), '😀'.repeat(128), 'é'.repeat(256)];
  for (const key of keys) expect((await namespace.put(key, 'v')).status).toBe(200);
  expect(await namespace.keys()).toEqual(keys.toSorted(byBytes));
});

function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

describe('a path that is not properly escaped before the key', () => {
  test.each([`${NAMESPACES_PATH}/%zz`, `${NAMESPACES_PATH}/%ff/values/k`, '/client/v4/%', '/client/v4/user%2'])(
    '%s leads nowhere',
    async path => {
      expect((await server.client.send('GET', path)).failure).toBe('404 7003 7000');
      expect((await server.client.sendBare('GET', path)).failure).toBe('400 9106');
    },
  );

  test('is no concern of the query', async () => {
    expect((await server.client.send('GET', `${NAMESPACES_PATH}?x=%zz`)).status).toBe(200);
  });
});

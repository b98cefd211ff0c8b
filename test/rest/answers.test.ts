/** How answers go out, whatever they are answers to. */
import { describe, expect, test } from 'vitest';
import { appWith } from './app.fixture.ts';
import { RawConnection } from './raw-connection.fixture.ts';
import { NAMESPACES_PATH, serveForTests, TOKEN } from './server.fixture.ts';

const server = serveForTests();
const VALUE = `${NAMESPACES_PATH}/${'0'.repeat(32)}/values/k`;

test.each([0, 1, 8_191, 8_192, 8_193, 100_000])(
  'a value of %i bytes comes back as it is, with its length',
  async length => {
    const namespace = await server.namespace();
    const value = Buffer.from(Array.from({ length }, (_, index) => (index * 7) % 256));
    await namespace.put('k', value);
    const answer = await namespace.get('k');
    expect(answer.bytes.equals(value)).toBe(true);
    expect(answer.headers['content-length']).toBe(String(length));
  },
);

test.each(['', 'ascii', 'é', '😀', '\u0080\u00ff'])('a text has as many bytes as it says: %j', async title => {
  const answer = await server.client.sendJson('POST', NAMESPACES_PATH, { title: `t${title}` });
  expect(answer.status).toBe(200);
  expect(answer.headers['content-length']).toBe(String(answer.bytes.length));
  expect(answer.result()).toMatchObject({ title: `t${title}` });
});

describe('HEAD has the head alone', () => {
  test.each([
    ['a list', NAMESPACES_PATH, 200],
    ['a refusal', VALUE, 404],
    ['a method that there is not', `${NAMESPACES_PATH}/${'0'.repeat(32)}/bulk/delete`, 405],
    ['nowhere', '/nowhere', 404],
  ])('of %s', async (_what, path, status) => {
    const connection = await RawConnection.open(server.port);
    const head = `Host: x\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`;
    // The answer to a second request begins where the first one's head ends.
    await connection.send(`HEAD ${path} HTTP/1.1\r\n${head}`);
    await connection.send(`GET /healthz HTTP/1.1\r\n${head}`);
    const text = await connection.textUntil('{"status":"ok"}');
    expect(text.match(/^HTTP\/1\.1 \d+/gm)).toEqual([`HTTP/1.1 ${status}`, 'HTTP/1.1 200']);
    expect(text.split('\r\n\r\n')).toHaveLength(3);
    connection.end();
  });
});

test('a defect half-way through an answer is told as one, and is nobody else’s concern', async () => {
  const spoilt = { value: Buffer.from('v'), expiresAt: '1\r\nx: y' as unknown as number };
  const { client } = await appWith(() => ({ get: () => Promise.resolve(spoilt) }));
  const answer = await client.send('GET', VALUE);
  expect(answer.status).toBe(500);
  expect(answer.headers).not.toHaveProperty('expiration');
  expect(answer.headers).not.toHaveProperty('x');
  expect(answer.headers['content-length']).toBe(String(answer.bytes.length));
  expect((await client.sendBare('GET', '/healthz')).status).toBe(200);
});

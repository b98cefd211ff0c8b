/** A server that asks for no token: everybody on the machine may do everything, and no web page anything. */
import { describe, expect, test } from 'vitest';
import type { Headers } from './client.fixture.ts';
import { RawConnection } from './raw-connection.fixture.ts';
import { NAMESPACES_PATH, serveForTests, TOKEN } from './server.fixture.ts';

const server = serveForTests({ noAuth: true });
const withToken = serveForTests();

const ID = 'a'.repeat(32);

function list(headers: Headers = {}) {
  return server.client.sendBare('GET', NAMESPACES_PATH, undefined, headers);
}

describe('credentials are not asked for', () => {
  test.each<Headers>([
    {},
    { authorization: `Bearer ${TOKEN}` },
    { authorization: 'Bearer whatever-a-client-insists-on' },
    { authorization: 'Basic x' },
    { 'x-auth-email': 'nobody', 'x-auth-key': '' },
  ])('%j', async headers => {
    expect((await list(headers)).status).toBe(200);
  });

  test('for writing, and through a binding', async () => {
    const created = await server.client.sendBare('POST', NAMESPACES_PATH, JSON.stringify({ title: 'open', id: ID }));
    expect(created.status).toBe(200);
    const put = await server.client.sendBare('PUT', `${NAMESPACES_PATH}/${ID}/values/k`, 'v');
    expect(put.status).toBe(200);
    const bound = { 'freehold-namespace': ID, host: 'fake-host', 'cf-kv-flprod-405': 'https://fake-host/k' };
    expect((await server.client.sendBare('GET', '/k', undefined, bound)).text).toBe('v');
    const remote = { 'mf-url': 'https://fake-host/k?urlencoded=true', 'mf-binding': 'KV' };
    expect((await server.client.sendBare('GET', `/binding/${ID}`, undefined, remote)).text).toBe('v');
  });

  test('but tokens are not made, shown or revoked: they would outlive the server that asks for none', async () => {
    const tokens = '/freehold/v1/tokens';
    expect((await server.client.sendBare('GET', tokens)).failure).toBe('403 10000');
    expect((await server.client.sendBare('POST', tokens, JSON.stringify({ name: 'x' }))).failure).toBe('403 10000');
    expect((await server.client.sendBare('DELETE', `${tokens}/${ID}`)).failure).toBe('403 10000');
  });

  test('when a client asks whether its token is good', async () => {
    const answer = await server.client.sendBare('GET', '/client/v4/user/tokens/verify');
    expect(answer.result()).toEqual({ id: '0'.repeat(32), status: 'active' });
  });
});

describe('a request that a browser may have made for a web page is refused', () => {
  test.each<Headers>([
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://localhost:8480' },
    { origin: '' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'anything' },
    { host: 'evil.example' },
    { host: 'localhost.evil.example' },
    { host: '127.0.0.1.evil.example:8480' },
    { host: '127.0.0.1@evil.example' },
    { host: '192.0.2.1:8480' },
    { host: '[::2]:8480' },
    { host: '[::1].evil.example' },
    { host: '0.0.0.0' },
    { host: 'fake-host' },
  ])('%j', async headers => {
    expect((await list(headers)).failure).toBe('403 10403');
  });

  test('on every route, also those that never ask for a token', async () => {
    for (const path of ['/', '/healthz', '/readyz', '/openapi.json', '/nowhere', `/binding/${ID}/k`]) {
      const answer = await server.client.sendBare('GET', path, undefined, { host: 'evil.example' });
      expect([path, answer.status]).toEqual([path, 403]);
    }
  });

  test('before anything is written, although its type needs no permission', async () => {
    const headers = { origin: 'https://evil.example', 'content-type': 'text/plain' };
    const refused = await server.client.sendBare('POST', NAMESPACES_PATH, JSON.stringify({ title: 'evil' }), headers);
    expect(refused.failure).toBe('403 10403');
    expect((await list()).text).not.toContain('evil');
  });

  test('and gets no permission of CORS', async () => {
    const asked = { origin: 'https://evil.example', 'access-control-request-method': 'PUT' };
    const answer = await server.client.sendBare('OPTIONS', NAMESPACES_PATH, undefined, asked);
    expect(answer.status).toBe(403);
    expect(Object.keys(answer.headers).filter(name => name.startsWith('access-control-'))).toEqual([]);
  });
});

describe('what no page can send passes', () => {
  test.each<Headers>([
    { host: 'localhost' },
    { host: 'LOCALHOST:1' },
    { host: '127.0.0.1' },
    { host: '127.9.9.9:65535' },
    { host: '[::1]' },
    { host: '[::1]:8480' },
    { 'sec-fetch-site': 'none' },
    { 'sec-fetch-site': 'same-origin' },
  ])('%j', async headers => {
    expect((await list(headers)).status).toBe(200);
  });

  test('a request without a Host, as workerd sends it to a proxy', async () => {
    const connection = await RawConnection.open(server.port);
    await connection.send('GET http://fake-host/healthz HTTP/1.1\r\n\r\n');
    expect((await connection.answer()).status).toBe(200);
    connection.end();
  });
});

test('where tokens are asked for, they alone count', async () => {
  const headers = { origin: 'https://app.example', 'sec-fetch-site': 'cross-site', host: 'kv.example.com' };
  expect((await withToken.client.send('GET', NAMESPACES_PATH, undefined, headers)).status).toBe(200);
});

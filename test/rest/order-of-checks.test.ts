/** Of several things wrong with a request, which one is told; and where a path leads. */
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../server/src/kv/limits.ts';
import { ACCOUNT_PATH, NAMESPACES_PATH, serveForTests } from './server.fixture.ts';

const server = serveForTests();
const UNKNOWN = `${NAMESPACES_PATH}/${'f'.repeat(32)}`;
const TOO_LARGE = new Uint8Array(LIMITS.valueBytes + 1);

describe('the first of these is told:', () => {
  test.each([
    ['credentials', 'PUT', '/client/v4/nowhere', false, TOO_LARGE, '400 9106'],
    ['credentials of a known path', 'PATCH', `${NAMESPACES_PATH}/short`, false, TOO_LARGE, '400 9106'],
    ['route', 'PUT', '/client/v4/nowhere', true, TOO_LARGE, '404 7003 7000'],
    ['method', 'PATCH', `${NAMESPACES_PATH}/short`, true, TOO_LARGE, '405 10000'],
    [
      'account id',
      'PUT',
      '/client/v4/accounts/x/storage/kv/namespaces/short/values/k',
      true,
      TOO_LARGE,
      '404 7003 7000',
    ],
    ['namespace id', 'PUT', `${NAMESPACES_PATH}/short/values/k`, true, TOO_LARGE, '400 10011'],
    ['namespace id of a bulk', 'PUT', `${NAMESPACES_PATH}/short/bulk`, true, '{', '400 10011'],
    ['body size', 'PUT', `${UNKNOWN}/values/k`, true, TOO_LARGE, '413 10024'],
    ['namespace', 'PUT', `${UNKNOWN}/values/k?expiration_ttl=1`, true, 'v', '404 10013'],
    ['namespace of a bulk', 'PUT', `${UNKNOWN}/bulk`, true, '{', '404 10013'],
    ['namespace of a bulk deletion', 'POST', `${UNKNOWN}/bulk/delete`, true, '[7]', '404 10013'],
    ['namespace of a bulk get', 'POST', `${UNKNOWN}/bulk/get`, true, '{"keys":[7]}', '404 10013'],
  ])('%s', async (_, method, path, withToken, body, failure) => {
    const answer = withToken
      ? await server.client.send(method, path, body)
      : await server.client.sendBare(method, path, body);
    expect(answer.failure).toBe(failure);
  });

  test('body size of a bulk, before anything of it is received', async () => {
    const headers = { 'content-length': String(LIMITS.bulkBodyBytes + 1), expect: '100-continue' };
    const answer = await server.client.send(
      'PUT',
      `${UNKNOWN}/bulk`,
      new Uint8Array(LIMITS.bulkBodyBytes + 1),
      headers,
    );
    expect(answer.failure).toBe('413 10413');
  });
});

describe('a path leads nowhere', () => {
  test.each([
    '/client/v4',
    '/client/v4/',
    '/client/v4/nowhere',
    '/client/v5/user',
    '/nowhere',
    '/client/v4/accounts/0123/storage/kv/namespaces',
    `/client/v4/accounts/${'x'.repeat(32)}/storage/kv/namespaces`,
    `/client/v4/accounts/${'0'.repeat(33)}/storage/kv/namespaces/${'0'.repeat(32)}`,
    `${ACCOUNT_PATH}/workers/namespaces`,
    `${UNKNOWN}/values`,
    `${UNKNOWN}/values/`,
    `${UNKNOWN}/metadata/`,
    `${UNKNOWN}/other`,
  ])('%s', async path => {
    const answer = await server.client.send('GET', path);
    expect(answer.failure).toBe('404 7003 7000');
    expect(answer.json.errors).toEqual([
      { code: 7003, message: `Could not route to ${path}, perhaps your object identifier is invalid?` },
      { code: 7000, message: 'No route for that URI' },
    ]);
  });
});

describe('a path leads somewhere, but not by this method', () => {
  test.each([
    ['POST', `${UNKNOWN}/values/k`, 'GET, PUT, DELETE, HEAD'],
    ['PATCH', NAMESPACES_PATH, 'GET, POST, HEAD'],
    ['DELETE', `${NAMESPACES_PATH}/`, 'GET, POST, HEAD'],
    ['GET', `${UNKNOWN}/bulk`, 'PUT, DELETE'],
    ['HEAD', `${UNKNOWN}/bulk/get`, 'POST'],
    ['OPTIONS', `${UNKNOWN}/keys`, 'GET, HEAD'],
    ['POST', '/healthz', 'GET, HEAD'],
  ])('%s %s', async (method, path, allowed) => {
    const answer = await server.client.send(method, path);
    expect(answer.status).toBe(405);
    expect(answer.headers['allow']).toBe(allowed);
    if (method === 'HEAD') return;
    expect(answer.failure).toBe('405 10000');
    expect(answer.message).toBe(`${method} method not allowed for the api_token authentication scheme`);
  });
});

test('a slash at the end of any other path does not matter', async () => {
  expect((await server.client.send('GET', `${NAMESPACES_PATH}/`)).status).toBe(200);
});

test('headers that clients add are ignored', async () => {
  const headers = { 'api-version': '2027-01-01', 'x-stainless-retry-count': '1', 'cf-trace-id': 'x' };
  expect((await server.client.send('GET', NAMESPACES_PATH, undefined, headers)).status).toBe(200);
});

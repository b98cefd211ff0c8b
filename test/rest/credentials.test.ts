/** Which credentials open the door, and what is said to those that do not. */
import { expect, test } from 'vitest';
import type { Headers } from './client.fixture.ts';
import { NAMESPACES_PATH, serveForTests, TOKEN } from './server.fixture.ts';

const server = serveForTests();
const EMAIL = 'me@example.com';

test.each<Headers>([
  { authorization: `Bearer ${TOKEN}` },
  { authorization: `bearer  ${TOKEN} ` },
  { 'x-auth-email': EMAIL, 'x-auth-key': TOKEN },
  { 'x-auth-user-service-key': TOKEN },
  { 'x-auth-user-service-key': TOKEN, 'x-auth-email': EMAIL },
  { authorization: `Bearer ${TOKEN}`, 'x-auth-key': 'ignored', 'x-auth-email': 'ignored' },
])('accepted: %j', async headers => {
  expect((await server.client.sendBare('GET', NAMESPACES_PATH, undefined, headers)).status).toBe(200);
});

const MALFORMED = 'Invalid request headers';

test.each<[Headers, string, string, number?]>([
  [{}, '400 9106', 'Missing X-Auth-Key, X-Auth-Email or Authorization headers'],
  [{ 'x-auth-email': EMAIL }, '400 9106', 'Missing X-Auth-Key, X-Auth-Email or Authorization headers'],
  [{ 'x-auth-key': TOKEN }, '400 9106', 'Missing X-Auth-Key, X-Auth-Email or Authorization headers'],
  [{ authorization: '' }, '400 6003', MALFORMED, 6111],
  [{ authorization: 'Bearer' }, '400 6003', MALFORMED, 6111],
  [{ authorization: 'Bearer ' }, '400 6003', MALFORMED, 6111],
  [{ authorization: TOKEN }, '400 6003', MALFORMED, 6111],
  [{ authorization: `Basic ${TOKEN}` }, '400 6003', MALFORMED, 6111],
  [{ authorization: `Bearer ${TOKEN} x` }, '400 6003', MALFORMED, 6111],
  [{ 'x-auth-email': 'nobody', 'x-auth-key': TOKEN }, '400 6003', MALFORMED, 6102],
  [{ 'x-auth-email': EMAIL, 'x-auth-key': '' }, '400 6003', MALFORMED, 6103],
  [{ 'x-auth-email': EMAIL, 'x-auth-key': 'a b' }, '400 6003', MALFORMED, 6103],
  [{ 'x-auth-user-service-key': 'a b' }, '400 6003', MALFORMED, 6103],
  [{ authorization: 'Bearer unknown' }, '401 10000', 'Authentication error'],
  [{ authorization: `Bearer ${TOKEN}x` }, '401 10000', 'Authentication error'],
  [{ 'x-auth-email': EMAIL, 'x-auth-key': 'unknown' }, '403 9103', 'Unknown X-Auth-Key or X-Auth-Email'],
  [{ 'x-auth-user-service-key': 'v1.0-unknown' }, '403 9103', 'Unknown X-Auth-Key or X-Auth-Email'],
])('refused: %j', async (headers, failure, message, chained) => {
  const answer = await server.client.sendBare('GET', NAMESPACES_PATH, undefined, headers);
  expect(answer.failure).toBe(failure);
  expect(answer.message).toBe(message);
  const chain = chained === undefined ? {} : { error_chain: [{ code: chained, message: expect.any(String) }] };
  expect(answer.json.errors).toEqual([{ code: expect.any(Number), message, ...chain }]);
  expect(answer.text).not.toContain(TOKEN);
});

test('a write without credentials changes nothing', async () => {
  const namespace = await server.namespace();
  const answer = await server.client.sendBare('PUT', `${namespace.path}/values/k`, 'v');
  expect(answer.failure).toBe('400 9106');
  expect(await namespace.keys()).toEqual([]);
});

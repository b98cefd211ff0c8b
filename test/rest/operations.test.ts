/** What operators and their tools ask, without credentials. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { version } from '../../server/src/version.ts';
import { appWith } from './app.fixture.ts';
import { RawConnection } from './raw-connection.fixture.ts';
import { serveForTests } from './server.fixture.ts';

const server = serveForTests();
const CHECKS = ['writer', 'disk', 'log', 'serving'];
const full = serveForTests({ diskFreeBytesMin: Number.MAX_SAFE_INTEGER });

test('the process is alive', async () => {
  const answer = await server.client.sendBare('GET', '/healthz');
  expect(answer.status).toBe(200);
  expect(answer.json).toEqual({ status: 'ok' });
});

test('the server is ready', async () => {
  const answer = await server.client.sendBare('GET', '/readyz');
  expect(answer.status).toBe(200);
  expect(answer.json).toEqual({ status: 'ready', checks: CHECKS.map(name => ({ name, ok: true })) });
});

test('the server is alive but not ready while it cannot write', async () => {
  expect((await full.client.sendBare('GET', '/healthz')).status).toBe(200);
  const answer = await full.client.sendBare('GET', '/readyz');
  expect(answer.status).toBe(503);
  const reason = expect.stringMatching(/^free disk space is \d+ bytes, under the floor of \d+$/);
  const checks = CHECKS.map(name => (name === 'disk' ? { name, ok: false, reason } : { name, ok: true }));
  expect(answer.json).toEqual({ status: 'not ready', reason, checks });
});

test('a server that is stopping is alive, says that it is not ready, and counts nothing amiss with its storage', async () => {
  const { listener } = await appWith();
  const connection = await RawConnection.open((listener.address() as AddressInfo).port);
  const arrived = once(listener, 'request');
  await connection.send('PUT /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc');
  await arrived;
  listener.close();
  // While the first request is under way, its connection stays and takes another.
  await connection.send('defghijGET /readyz HTTP/1.1\r\nHost: x\r\n\r\n');
  expect(await connection.answer()).toMatchObject({ status: 405 });
  const { status, body } = await connection.answer();
  const reason = 'the server is stopping';
  const checks = CHECKS.map(name => (name === 'serving' ? { name, ok: false, reason } : { name, ok: true }));
  expect(status).toBe(503);
  expect(JSON.parse(body)).toEqual({ status: 'not ready', reason, checks });
  await connection.closed;
});

test('all reasons are told where there are several', async () => {
  const spoilt = [{ name: 'writer', reason: 'first' }, { name: 'disk' }, { name: 'log', reason: 'second' }];
  const { client } = await appWith(() => ({ check: () => Promise.resolve(spoilt) }));
  const { json } = await client.sendBare('GET', '/readyz');
  expect(json).toMatchObject({ status: 'not ready', reason: 'first; second' });
});

test('the root says what this is and where to go on', async () => {
  const answer = await server.client.sendBare('GET', '/');
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toBe('text/plain; charset=UTF-8');
  expect(answer.text).toContain(`Freehold ${version}`);
  expect(answer.text).toContain('/openapi.json');
});

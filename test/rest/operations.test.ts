/** What operators and their tools ask, without credentials. */
import { expect, test } from 'vitest';
import { version } from '../../server/src/version.ts';
import { serveForTests } from './server.fixture.ts';

const server = serveForTests();
const full = serveForTests({ diskFreeBytesMin: Number.MAX_SAFE_INTEGER });

test('the process is alive', async () => {
  const answer = await server.client.sendBare('GET', '/healthz');
  expect(answer.status).toBe(200);
  expect(answer.json).toEqual({ status: 'ok' });
});

test('the server is ready', async () => {
  const answer = await server.client.sendBare('GET', '/readyz');
  expect(answer.status).toBe(200);
  expect(answer.json).toEqual({ status: 'ready' });
});

test('the server is alive but not ready while it cannot write', async () => {
  expect((await full.client.sendBare('GET', '/healthz')).status).toBe(200);
  const answer = await full.client.sendBare('GET', '/readyz');
  expect(answer.status).toBe(503);
  expect(answer.json).toEqual({ status: 'not ready', reason: expect.stringMatching(/./) });
});

test('the root says what this is and where to go on', async () => {
  const answer = await server.client.sendBare('GET', '/');
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toBe('text/plain; charset=UTF-8');
  expect(answer.text).toContain(`Freehold ${version}`);
  expect(answer.text).toContain('/openapi.json');
});

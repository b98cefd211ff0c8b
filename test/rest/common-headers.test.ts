/** What browsers are told with every answer, lest they take stored bytes for something to run. */
import { describe, expect, test } from 'vitest';
import { RawConnection } from './raw-connection.fixture.ts';
import { NAMESPACES_PATH, serveForTests } from './server.fixture.ts';

const server = serveForTests();

const EXPECTED = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; sandbox",
};

describe('are on', () => {
  test('a value, whose type is never that of a page or a script', async () => {
    const namespace = await server.namespace();
    await namespace.put('page.html', '<script>alert(1)</script>', '', { 'content-type': 'text/html' });
    const { headers } = await namespace.get('page.html');
    expect(headers).toMatchObject({ ...EXPECTED, 'content-type': 'application/octet-stream' });
    const bound = await server.client.send('GET', `/binding/${namespace.id}/page.html`);
    expect(bound.headers).toMatchObject({ ...EXPECTED, 'content-type': 'application/octet-stream' });
  });

  test.each([
    ['a list', NAMESPACES_PATH, 200],
    ['a refusal', `${NAMESPACES_PATH}/${'f'.repeat(32)}`, 404],
    ['a path that leads nowhere', '/<script>alert(1)</script>', 404],
    ['the welcome', '/', 200],
    ['the description', '/openapi.json', 200],
  ])('%s', async (_what, path, status) => {
    const answer = await server.client.send('GET', path);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject(EXPECTED);
    expect(answer.headers['content-type']).toMatch(/^(application\/json|text\/plain)(;|$)/);
  });
});

test('an answer to what is no HTTP is not taken for anything else either', async () => {
  const connection = await RawConnection.open(server.port);
  await connection.send('<script>\r\n\r\n');
  expect((await connection.answer()).head).toContain('\r\nX-Content-Type-Options: nosniff');
  connection.end();
});

test('browsers are not told to insist on TLS: that would be for every port of the host', async () => {
  expect((await server.client.send('GET', '/')).headers).not.toHaveProperty('strict-transport-security');
});

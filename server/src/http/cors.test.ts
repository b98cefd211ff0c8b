import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LIMITS } from '../kv/limits.ts';
import { type RunningServer, startServer } from '../server.ts';

const TOKEN = 'given-by-the-operator';
const ALLOWED = 'https://app.example.com';
const FOREIGN = 'https://app.example.com.evil.example';
const NAMESPACES = '/client/v4/accounts/00000000000000000000000000000001/storage/kv/namespaces';

/** A server of a block's own; without origins, CORS is off. */
function serve(corsOrigins?: readonly string[]) {
  let server: RunningServer | undefined;
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'freehold-cors-'));
    server = await startServer({
      dataDirectory: directory,
      listen: [{ host: '127.0.0.1', port: 0 }],
      threads: 1,
      logLevel: 'silent',
      logFormat: 'json',
      givenToken: { source: 'the test', token: TOKEN },
      ...(corsOrigins && { corsOrigins }),
    });
  });
  afterAll(async () => {
    await server?.close();
    await rm(directory, { recursive: true });
  });
  return async (method: string, path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${server?.url}${path}`, { method, headers });
    return { status: response.status, headers: response.headers, body: await response.text() };
  };
}

type Answer = Awaited<ReturnType<ReturnType<typeof serve>>>;

const authorization = { authorization: `Bearer ${TOKEN}` };

function preflight(origin: string): Record<string, string> {
  return {
    origin,
    'access-control-request-method': 'PUT',
    'access-control-request-headers': 'authorization,cf-kv-metadata',
  };
}

/** The headers of CORS in an answer. */
function corsOf({ headers }: Answer): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => /^access-control-|^vary$/.test(name)));
}

/** The parts of a header that is a list, in lower case. */
function listed(text: string | undefined): string[] {
  return (text ?? '').toLowerCase().split(', ').sort();
}

const EXPOSED = ['cf-expiration', 'cf-kv-metadata', 'cf-ray', 'expiration', 'retry-after'];

describe('off', () => {
  const ask = serve();

  test('no answer has a header of it', async () => {
    const answers = [
      await ask('GET', NAMESPACES, { ...authorization, origin: ALLOWED }),
      await ask('GET', NAMESPACES, { origin: ALLOWED }),
      await ask('GET', '/healthz', { origin: ALLOWED }),
      await ask('OPTIONS', NAMESPACES, { ...authorization, ...preflight(ALLOWED) }),
    ];
    expect(answers.map(corsOf)).toEqual([{}, {}, {}, {}]);
    expect(answers.map(({ status }) => status)).toEqual([200, 400, 200, 405]);
  });
});

describe('for one origin of two', () => {
  const ask = serve([ALLOWED, 'http://localhost:5173']);

  test.each([
    `${NAMESPACES}/0/values/a%2Fb`,
    NAMESPACES,
    '/binding/0/key',
    '/a%20key',
    '/client/v4/nowhere',
    '/healthz',
  ])('a preflight for %s is answered without a token', async path => {
    const answer = await ask('OPTIONS', path, preflight(ALLOWED));
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 204, body: '' });
    const cors = corsOf(answer);
    expect(cors).toMatchObject({ 'access-control-allow-origin': ALLOWED, vary: 'Origin' });
    expect(listed(cors['access-control-allow-methods'])).toEqual(['delete', 'get', 'head', 'post', 'put']);
    expect(listed(cors['access-control-allow-headers'])).toEqual([
      'authorization',
      'cf-kv-metadata',
      'content-encoding',
      'content-type',
      'freehold-account',
      'freehold-namespace',
      'x-auth-email',
      'x-auth-key',
      'x-auth-user-service-key',
    ]);
    expect(Number(cors['access-control-max-age'])).toBe(LIMITS.corsMaxAgeSeconds);
    expect(Number(cors['access-control-max-age'])).toBeLessThanOrEqual(86_400);
  });

  test.each([
    ['what was asked for', 'GET', NAMESPACES, authorization, 200],
    ['a refusal for want of a token', 'GET', NAMESPACES, {}, 400],
    ['a refusal of a wrong token', 'GET', NAMESPACES, { authorization: 'Bearer of-somebody-else' }, 401],
    ['a refusal of what was asked for', 'GET', `${NAMESPACES}/0/keys`, authorization, 400],
    ['that there is no such path', 'GET', '/nowhere', authorization, 404],
    ['that there is no such method', 'DELETE', '/healthz', authorization, 405],
    ['a refusal of a binding', 'GET', '/binding/0/key', { authorization: 'Bearer of-somebody-else' }, 401],
  ] as const)('its pages may read %s', async (_what, method, path, headers, status) => {
    const answer = await ask(method, path, { ...headers, origin: ALLOWED });
    expect(answer.status).toBe(status);
    const { 'access-control-expose-headers': exposed, ...cors } = corsOf(answer);
    expect(cors).toEqual({ 'access-control-allow-origin': ALLOWED, vary: 'Origin' });
    expect(listed(exposed)).toEqual(EXPOSED);
  });

  test('the other has as much', async () => {
    const answer = await ask('GET', '/healthz', { origin: 'http://localhost:5173' });
    expect(corsOf(answer)).toMatchObject({ 'access-control-allow-origin': 'http://localhost:5173' });
  });

  test.each([FOREIGN, 'http://app.example.com', 'https://app.example.com:8443', 'https://APP.example.com', 'null'])(
    '%s gets no header but Vary, and its preflight the answer that any OPTIONS gets',
    async origin => {
      const answers = [
        await ask('GET', NAMESPACES, { ...authorization, origin }),
        await ask('OPTIONS', NAMESPACES, { ...authorization, ...preflight(origin) }),
        await ask('OPTIONS', NAMESPACES, preflight(origin)),
      ];
      expect(answers.map(corsOf)).toEqual([{ vary: 'Origin' }, { vary: 'Origin' }, { vary: 'Origin' }]);
      expect(answers.map(({ status }) => status)).toEqual([200, 405, 400]);
    },
  );

  test('who is no browser gets no header but Vary, for caches', async () => {
    expect(corsOf(await ask('GET', NAMESPACES, authorization))).toEqual({ vary: 'Origin' });
  });

  test.each([{ origin: ALLOWED }, { 'access-control-request-method': 'PUT' }, {}] as Record<string, string>[])(
    'an OPTIONS with %j is no preflight, and refused as ever',
    async headers => {
      const statusOf = async (path: string, more = {}) => (await ask('OPTIONS', path, { ...headers, ...more })).status;
      expect(await statusOf(NAMESPACES, authorization)).toBe(405);
      expect(await statusOf(NAMESPACES)).toBe(400);
      expect(await statusOf('/client/v4/nowhere')).toBe(400);
      expect(await statusOf('/healthz')).toBe(405);
      expect(await statusOf('/nowhere')).toBe(404);
    },
  );
});

describe('for any origin', () => {
  const ask = serve(['*']);

  test.each([ALLOWED, FOREIGN, 'null'])('%s has all', async origin => {
    const question = await ask('OPTIONS', NAMESPACES, preflight(origin));
    expect(question.status).toBe(204);
    expect(corsOf(question)).toMatchObject({ 'access-control-allow-origin': '*' });
    const refusal = await ask('GET', NAMESPACES, { origin });
    expect(refusal.status).toBe(400);
    const cors = corsOf(refusal);
    expect(cors).toMatchObject({ 'access-control-allow-origin': '*' });
    expect(listed(cors['access-control-expose-headers'])).toEqual(EXPOSED);
  });

  test('credentials that a browser adds by itself are never let through', async () => {
    const question = await ask('OPTIONS', NAMESPACES, preflight(ALLOWED));
    expect(question.headers.has('access-control-allow-credentials')).toBe(false);
  });
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../cli/process.fixture.ts';
import { openSqliteEngine } from '../engine/sqlite/engine.ts';
import type { Engine } from '../kv/engine.ts';
import { LIMITS } from '../kv/limits.ts';
import { DEFAULT_ACCOUNT_ID } from '../kv/namespaces.ts';
import { CLIENTS } from '../options.ts';
import { hashToken } from '../tokens.ts';
import { connectNamespace } from './connect.ts';
import type { ConnectRequest } from './connect-request.ts';

const NOW = 1_800_000_000;
const URLS = ['unix:/run/freehold.sock', 'http://127.0.0.1:8480', 'http://10.0.0.1:80'];
const [A, B] = ['a'.repeat(32), 'b'.repeat(32)];
const [ID, OTHER_ID] = ['1'.repeat(32), '2'.repeat(32)];

let engine: Engine;

beforeEach(async () => {
  const onFatal = (error: Error): never => {
    throw error;
  };
  engine = await openSqliteEngine({ directory: await temporaryDirectory(), clock: () => NOW, onFatal });
});

afterEach(() => engine.close());

function connect(request: Partial<ConnectRequest>, urls = URLS): ReturnType<typeof connectNamespace> {
  const full = { namespace: 'sessions', client: 'curl', create: false, ...request } as const;
  return connectNamespace({ engine, clock: () => NOW, urls }, full);
}

describe('the namespace', () => {
  beforeEach(() => engine.createNamespace(A, { id: ID, title: 'sessions' }));

  test.each(['sessions', ID])('is found as %s, whatever account it is in', async namespace => {
    const found = { account: A, namespace: { id: ID, title: 'sessions' }, created: false };
    expect(await connect({ namespace })).toMatchObject(found);
    expect(await connect({ namespace, account: A })).toMatchObject(found);
    expect(await connect({ namespace, create: true })).toMatchObject(found);
  });

  test('is found by its id in capital letters', async () => {
    await engine.createNamespace(A, { id: A, title: 'letters' });
    expect(await connect({ namespace: A.toUpperCase() })).toMatchObject({ namespace: { id: A } });
  });

  test('is found among more than a page of them', async () => {
    // As many as the API allows, and one that came in before there was a limit.
    for (let number = 0; number < LIMITS.listNamespacesMax; number++) {
      await engine.createNamespace(A, { id: number.toString(16).padStart(32, '0'), title: `n ${number}` });
    }
    await engine.createNamespace(A, { id: OTHER_ID, title: 'zzz' });
    expect(await connect({ namespace: 'zzz' })).toMatchObject({ namespace: { id: OTHER_ID } });
  });

  test('is the one with that id, where another has the id for a title', async () => {
    await engine.createNamespace(A, { id: OTHER_ID, title: ID });
    expect(await connect({ namespace: ID })).toMatchObject({ namespace: { id: ID, title: 'sessions' } });
    await engine.deleteNamespace({ account: A, id: ID });
    expect(await connect({ namespace: ID })).toMatchObject({ namespace: { id: OTHER_ID, title: ID } });
  });

  test.each(['sessions', ID])('that is in several accounts is asked for again, as %s', async namespace => {
    await engine.createNamespace(B, { id: ID, title: 'sessions' });
    const message = `several accounts have a namespace "${namespace}": say which with --account, of ${A}, ${B}`;
    await expect(connect({ namespace })).rejects.toThrow(message);
    expect(await connect({ namespace, account: B })).toMatchObject({ account: B });
  });

  test.each([
    [{ namespace: 'orders' }, 'there is no namespace "orders"; --create makes it'],
    [{ namespace: OTHER_ID }, `there is no namespace "${OTHER_ID}"; --create makes it`],
    [{ account: B }, `there is no namespace "sessions" in account ${B}; --create makes it`],
    [{ account: B, namespace: ID }, `there is no namespace "${ID}" in account ${B}; --create makes it`],
    [{ namespace: 'two\nlines' }, 'there is no namespace "two\\nlines"; --create makes it'],
  ])('that is missing: %j', async (request, message) => {
    await expect(connect(request)).rejects.toThrow(message);
  });
});

describe('with --create', () => {
  const create = true;

  test('a namespace that is missing is made, and found from then on', async () => {
    const made = await connect({ create });
    expect(made).toMatchObject({ account: DEFAULT_ACCOUNT_ID, namespace: { title: 'sessions' }, created: true });
    expect(made.namespace.id).toMatch(/^[0-9a-f]{32}$/);
    expect(await connect({ create })).toMatchObject({ namespace: made.namespace, created: false });
  });

  test('an id becomes its id and its title', async () => {
    expect(await connect({ namespace: ID, create })).toMatchObject({ namespace: { id: ID, title: ID }, created: true });
  });

  test('it is made in the account that is named, else in the only one that has namespaces', async () => {
    expect(await connect({ account: B, create })).toMatchObject({ account: B, created: true });
    expect(await connect({ namespace: 'orders', create })).toMatchObject({ account: B, created: true });
    expect(await connect({ account: A, create })).toMatchObject({ account: A, created: true });
    await expect(connect({ namespace: 'visits', create })).rejects.toThrow('say with --account where it is to be made');
  });

  test('a title that no namespace may have is refused', async () => {
    await expect(connect({ namespace: 'x'.repeat(513), create })).rejects.toThrow(/title/);
    expect(await engine.listAccounts()).toEqual([]);
  });

  test('it is made once, however many ask at once, and the others may try again', async () => {
    const attempts = await Promise.allSettled([1, 2, 3].map(() => connect({ create })));
    const made = attempts.filter(({ status }) => status === 'fulfilled');
    const refused = attempts.flatMap(attempt => (attempt.status === 'rejected' ? [attempt.reason.message] : []));
    expect(made).toHaveLength(1);
    expect(refused).toEqual(refused.map(() => 'it has been made at this moment by somebody else: try again'));
    expect(await connect({ create })).toMatchObject({ created: false });
  });

  test('an account that is full is told of', async () => {
    for (let number = 0; number < LIMITS.namespacesPerAccount; number++) {
      await engine.createNamespace(A, { id: number.toString(16).padStart(32, '0'), title: `n ${number}` });
    }
    await expect(connect({ create })).rejects.toThrow(`account ${A} has 1000 namespaces, and may not have more`);
  });
});

describe('the token', () => {
  beforeEach(() => engine.createNamespace(A, { id: ID, title: 'sessions' }));

  test.each(['workerd', 'miniflare', 'node', 'curl'] as const)('for %s is good for the namespace', async client => {
    const { token, tokenId, tokenName } = await connect({ client });
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(tokenName).toBe(`${client} for sessions`);
    const limits = { account: A, namespaces: [ID] };
    const stored = { id: tokenId, name: tokenName, hash: hashToken(token), createdAt: NOW, ...limits };
    expect(await engine.findToken(hashToken(token))).toEqual(stored);
  });

  test.each(['wrangler', 'sdk', 'terraform'] as const)('for %s is good for the account', async client => {
    const stored = await engine.findToken(hashToken((await connect({ client })).token));
    expect(stored).toMatchObject({ name: `${client} for sessions`, account: A });
    expect(stored).not.toHaveProperty('namespaces');
  });

  test('is a new one every time', async () => {
    const [first, second] = [await connect({}), await connect({})];
    expect(first.token).not.toBe(second.token);
    expect(await engine.findToken(hashToken(first.token))).toBeDefined();
  });
});

describe('the URL', () => {
  beforeEach(() => engine.createNamespace(A, { id: ID, title: 'sessions' }));

  test.each([
    ['the first that is HTTP', URLS, 'http://127.0.0.1:8480'],
    ['loopback for all addresses', ['http://0.0.0.0:8480'], 'http://127.0.0.1:8480'],
    ['loopback for all addresses of IPv6', ['http://[::]:8480'], 'http://[::1]:8480'],
    ['the socket where there is nothing else', ['unix:/run/freehold.sock'], 'unix:/run/freehold.sock'],
  ])('is %s', async (_, urls, url) => {
    expect(await connect({}, urls)).toMatchObject({ url });
  });

  test('is the one that was given', async () => {
    expect(await connect({ url: 'https://kv.example.com' })).toMatchObject({ url: 'https://kv.example.com' });
  });

  test('is not known before the server listens', async () => {
    await expect(connect({}, [])).rejects.toThrow('the server is only starting: try again');
  });

  test('must not be a socket for clients that know none', async () => {
    for (const client of CLIENTS.filter(name => name !== 'workerd' && name !== 'curl')) {
      const message = `${client} cannot use a Unix socket, as unix:/run/freehold.sock is one: give another with --url`;
      await expect(connect({ client, url: 'unix:/run/freehold.sock' })).rejects.toThrow(message);
    }
    for (const client of ['workerd', 'curl'] as const) {
      expect(await connect({ client, url: 'unix:/run/freehold.sock' })).toMatchObject({
        url: 'unix:/run/freehold.sock',
      });
    }
  });

  test('must have no path for workerd, and then nothing is made', async () => {
    const request = { client: 'workerd', url: 'http://localhost/kv', namespace: 'orders', create: true } as const;
    const message = 'workerd cannot use a URL with a path, as http://localhost/kv is one: give another with --url';
    await expect(connect(request)).rejects.toThrow(message);
    await expect(connect({ namespace: 'orders' })).rejects.toThrow('there is no namespace "orders"');
  });
});

/** Every route with every kind of token: what it is answered, and that a refusal has changed nothing. */
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { ROUTES } from '../../server/src/http/routes.ts';
import type { Engine, StoredToken } from '../../server/src/kv/engine.ts';
import { LIMITS } from '../../server/src/kv/limits.ts';
import { packPairs } from '../../server/src/kv/puts.ts';
import { hashToken } from '../../server/src/tokens.ts';
import { appWith } from './app.fixture.ts';
import type { Client, Headers } from './client.fixture.ts';
import { RawConnection } from './raw-connection.fixture.ts';
import { START, TOKEN } from './server.fixture.ts';

const ACCOUNT = 'a'.repeat(32);
const NAMESPACE = '1'.repeat(32);
const ADDRESS = { account: ACCOUNT, id: NAMESPACE };
const OTHER = { account: 'b'.repeat(32), id: '2'.repeat(32) };
const VICTIM = 'd'.repeat(32);

/** What it takes to use a route, said here once more and not taken from the routes. */
const NEEDS = {
  nothing: ['welcome', 'health', 'readiness', 'description'],
  'a token': ['verifyToken', 'getUser', 'listAccounts', 'listMemberships', 'metrics'],
  'the account': ['listNamespaces'],
  'to change the account': ['createNamespace', 'renameNamespace', 'deleteNamespace'],
  'the pairs': [
    'getNamespace',
    'listKeys',
    'getValue',
    'getMetadata',
    'bulkGet',
    'exportPairs',
    'countKeys',
    'bindingList',
    'bindingGet',
    'bindingBulkGet',
  ],
  'to change the pairs': [
    'putValue',
    'deleteValue',
    'bulkPut',
    'bulkDelete',
    'bulkDeleteWithBody',
    'importPairs',
    'clearPairs',
    'copyPairs',
    'replaceValue',
    'bindingPut',
    'bindingDelete',
    'bindingBulkPut',
    'bindingBulkDelete',
  ],
  'the root token': ['listTokens', 'createToken', 'revokeToken'],
} as const;

type Need = keyof typeof NEEDS;

/** Of the routes that take one. Each changes something whenever it is carried out. */
const BODIES: Readonly<Record<string, () => unknown>> = {
  createNamespace: () => ({ title: randomId() }),
  renameNamespace: () => ({ title: randomId() }),
  putValue: randomId,
  bindingPut: randomId,
  bulkPut: () => [{ key: 'k', value: randomId() }],
  importPairs: () => [{ key: 'k', value: randomId() }],
  clearPairs: () => ({ prefix: 'k' }),
  copyPairs: () => ({ to: { namespace_id: NAMESPACE }, prefix: 'k', to_prefix: randomId() }),
  replaceValue: randomId,
  bindingBulkPut: () => [{ key: 'k', value: randomId() }],
  bulkGet: () => ({ keys: ['k'] }),
  bindingBulkGet: () => ({ keys: ['k'] }),
  bulkDelete: () => ['k'],
  bulkDeleteWithBody: () => ['k'],
  bindingBulkDelete: () => ['k'],
  createToken: () => ({ name: 'made' }),
};

/** Of the routes that need some. */
const QUERIES: Readonly<Record<string, string>> = { replaceValue: '?keep=true' };

type Grant = Omit<StoredToken, 'id' | 'name' | 'hash' | 'createdAt'>;

interface Kind {
  /** What is stored of it; undefined for the root token, and for such as are not stored. */
  readonly grant?: Grant;
  readonly token?: string;
  readonly headers?: Headers;
  /** The status by what a route needs, in the order of `NEEDS`. */
  readonly statuses: readonly number[];
}

const KINDS: Readonly<Record<string, Kind>> = {
  'the root token': { token: TOKEN, statuses: [200, 200, 200, 200, 200, 200, 200] },
  'a token of everything': { grant: {}, statuses: [200, 200, 200, 200, 200, 200, 403] },
  'a token of the account': { grant: { account: ACCOUNT }, statuses: [200, 200, 200, 200, 200, 200, 403] },
  'a token of another account': { grant: { account: OTHER.account }, statuses: [200, 200, 403, 403, 403, 403, 403] },
  'a token of the namespace': {
    grant: { account: ACCOUNT, namespaces: [OTHER.id, NAMESPACE] },
    statuses: [200, 200, 403, 403, 200, 200, 403],
  },
  'a token of another namespace': {
    grant: { account: ACCOUNT, namespaces: [OTHER.id] },
    statuses: [200, 200, 403, 403, 403, 403, 403],
  },
  'a token of the same namespace id in another account': {
    grant: { account: OTHER.account, namespaces: [NAMESPACE] },
    statuses: [200, 200, 403, 403, 403, 403, 403],
  },
  'a token of everything, for reading': { grant: { readOnly: true }, statuses: [200, 200, 200, 403, 200, 403, 403] },
  'a token of the account, for reading': {
    grant: { account: ACCOUNT, readOnly: true },
    statuses: [200, 200, 200, 403, 200, 403, 403],
  },
  'a token of the namespace, for reading': {
    grant: { account: ACCOUNT, namespaces: [NAMESPACE], readOnly: true },
    statuses: [200, 200, 403, 403, 200, 403, 403],
  },
  'a token that will expire': { grant: { expiresAt: START + 1 }, statuses: [200, 200, 200, 200, 200, 200, 403] },
  'a token that has expired': { grant: { expiresAt: START }, statuses: [200, 401, 401, 401, 401, 401, 401] },
  'a token that was revoked': { token: 'revoked', statuses: [200, 401, 401, 401, 401, 401, 401] },
  'a token that nobody has': { token: 'unknown', statuses: [200, 401, 401, 401, 401, 401, 401] },
  'a key that nobody has': {
    headers: { 'x-auth-email': 'me@example.com', 'x-auth-key': 'unknown' },
    statuses: [200, 403, 403, 403, 403, 403, 403],
  },
  'no token': { headers: {}, statuses: [200, 400, 400, 400, 400, 400, 400] },
};

function randomId(): string {
  return randomBytes(16).toString('hex');
}

function needOf(routeId: string): Need {
  const found = Object.entries(NEEDS).find(([, ids]: [string, readonly string[]]) => ids.includes(routeId));
  return (found?.[0] as Need | undefined) ?? expect.unreachable(`nobody has said what ${routeId} needs`);
}

function changes(need: Need): boolean {
  return need.startsWith('to change');
}

/** The namespaces, one with a pair, and a token, wherever they are missing. */
async function prepare(engine: Engine): Promise<void> {
  for (const { account, id } of [ADDRESS, OTHER, { ...OTHER, id: NAMESPACE }, { ...ADDRESS, id: OTHER.id }]) {
    await engine.createNamespace(account, { id, title: randomId() }).catch(() => {});
  }
  await engine.write(ADDRESS, { puts: packPairs([{ key: 'k', value: Buffer.from('value'), metadata: '1' }]) });
  await store(engine, VICTIM, {}).catch(() => {});
}

function store(engine: Engine, token: string, grant: Grant): Promise<void> {
  const id = token === VICTIM ? VICTIM : randomId();
  return engine.createToken({ id, name: 'a kind', hash: hashToken(token), createdAt: START, ...grant });
}

/** All that there is, but for when tokens were used. */
async function stateOf(engine: Engine): Promise<unknown> {
  const page = { order: 'id', direction: 'asc', offset: 0, limit: 1_000 } as const;
  const namespaces = [];
  for (const account of await engine.listAccounts()) {
    for (const namespace of (await engine.listNamespaces(account, page)).namespaces) {
      const address = { account, id: namespace.id };
      const keys = await engine.list(address, { prefix: '', after: '', limit: 1_000, metadataForm: 'text' });
      const values = await engine.getTexts(address, ['k'], 1_000);
      namespaces.push([account, namespace, keys.json.toString(), values.toString()]);
    }
  }
  const { tokens } = await engine.listTokens({ offset: 0, limit: 1_000 });
  return { namespaces, tokens: tokens.map(({ lastUsedAt: _, ...token }) => token) };
}

function headersOf({ token, headers }: Pick<Kind, 'token' | 'headers'>): Headers {
  return headers ?? { authorization: `Bearer ${token}` };
}

/** The account is named to a binding too, which otherwise looks for it where the token may look. */
async function statusOf(client: Client, route: (typeof ROUTES)[number], credentials: Headers): Promise<number> {
  const path = `${route.path}${QUERIES[route.id] ?? ''}`
    .replace(':account_id', ACCOUNT)
    .replace(':namespace_id', NAMESPACE)
    .replace('*key_name', 'k')
    .replace(':token_id', VICTIM);
  const body = BODIES[route.id]?.();
  const bytes = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const headers = { ...credentials, 'freehold-account': ACCOUNT };
  return (await client.sendBare(route.method, path, bytes, headers)).status;
}

describe('every route', () => {
  test.each(Object.entries(KINDS))('with %s', async (_, kind) => {
    const { client, engine } = await appWith();
    const { token = randomId() } = kind;
    if (kind.grant !== undefined) await store(engine, token, kind.grant);
    if (token === 'revoked') {
      await store(engine, token, {});
      const { tokens } = await engine.listTokens({ offset: 0, limit: 1 });
      await engine.revokeToken(tokens[0]?.id ?? '');
    }
    const credentials = headersOf({ token, ...kind });
    for (const route of ROUTES) {
      await prepare(engine);
      const need = needOf(route.id);
      const expected = kind.statuses[Object.keys(NEEDS).indexOf(need)];
      const before = await stateOf(engine);
      expect([route.id, await statusOf(client, route, credentials)]).toEqual([route.id, expected]);
      const after = await stateOf(engine);
      const mayChange = changes(need) || ['createToken', 'revokeToken'].includes(route.id);
      if (expected === 200 && mayChange) expect(after, route.id).not.toEqual(before);
      else expect(after, route.id).toEqual(before);
    }
  });

  test('is one of those whose need is said here, and no other is', () => {
    expect(Object.values(NEEDS).flat().toSorted()).toEqual(ROUTES.map(({ id }) => id).toSorted());
  });
});

describe('a token for reading', () => {
  const token = 'for-reading-only';
  const authorization = `Bearer ${token}`;

  async function start(grant: Grant = { account: ACCOUNT }) {
    const app = await appWith();
    await prepare(app.engine);
    await store(app.engine, token, { ...grant, readOnly: true });
    return app;
  }

  test('is told that it is one', async () => {
    const { client } = await start();
    const path = `/client/v4/accounts/${ACCOUNT}/storage/kv/namespaces/${NAMESPACE}/values/k`;
    const answer = await client.sendBare('PUT', path, 'v', { authorization });
    expect(answer.failure).toBe('403 10000');
    expect(answer.message).toBe('Authentication error: the token is good for reading only');
    const bound = await client.sendBare('PUT', `/binding/${NAMESPACE}/k`, 'v', { authorization });
    expect(bound.reason).toBe('Authentication error: the token is good for reading only');
  });

  const FORMS: readonly (readonly [
    form: string,
    path: (rest: string) => string,
    headers: (rest: string) => Headers,
  ])[] = [
    ['the path', rest => `/binding/${NAMESPACE}${rest}`, () => ({ authorization })],
    ["workerd's header", rest => rest, () => ({ authorization, 'freehold-namespace': NAMESPACE })],
    [
      "Miniflare's headers, with the token in the URL",
      () => `/binding/${NAMESPACE}?token=${token}`,
      rest => ({ 'mf-url': `http://fake-host${rest}`, 'mf-binding': 'KV' }),
    ],
  ];

  test.each(FORMS)('reads and changes nothing through a binding by %s', async (_, path, headers) => {
    const { engine, listener } = await start({ account: ACCOUNT, namespaces: [NAMESPACE] });
    const { port } = listener.address() as AddressInfo;
    const before = await stateOf(engine);
    const send = async (method: string, rest: string, body: string | null = null) => {
      const init = { method, body, headers: { ...headers(rest), connection: 'close' } };
      const answer = await fetch(`http://127.0.0.1:${port}${path(rest)}`, init);
      await answer.arrayBuffer();
      return answer.status;
    };
    const statuses = [
      await send('GET', '/k?urlencoded=true'),
      await send('GET', '/'),
      await send('POST', '/bulk/get', '{"keys":["k"]}'),
      await send('PUT', '/k?urlencoded=true', 'v'),
      await send('DELETE', '/k?urlencoded=true'),
      await send('POST', '/bulk/put', '[{"key":"k","value":"v"}]'),
      await send('POST', '/bulk/delete', '["k"]'),
    ];
    expect(statuses).toEqual([200, 200, 200, 403, 403, 403, 403]);
    expect(await stateOf(engine)).toEqual(before);
  });

  test.each(['PUT', 'DELETE'])('is refused a %s before the body has come', async method => {
    const { client, listener } = await start();
    client.close();
    const connection = await RawConnection.open((listener.address() as AddressInfo).port);
    const path = `/client/v4/accounts/${ACCOUNT}/storage/kv/namespaces/${NAMESPACE}/bulk`;
    const head = `Host: x\r\nAuthorization: ${authorization}\r\nContent-Length: ${LIMITS.bulkBodyBytes}\r\n`;
    await connection.send(`${method} ${path} HTTP/1.1\r\n${head}\r\n`);
    expect((await connection.answer()).status).toBe(403);
    connection.end();
  });
});

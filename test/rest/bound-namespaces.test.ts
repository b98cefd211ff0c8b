/** Which namespace a KV binding's request is for, and what a limited token is good for. */
import { describe, expect, test } from 'vitest';
import type { StoredToken } from '../../server/src/kv/engine.ts';
import { hashToken } from '../../server/src/tokens.ts';
import { appWith } from './app.fixture.ts';
import { refusal } from './bound-namespace.fixture.ts';
import type { Client } from './client.fixture.ts';
import { serveForTests } from './server.fixture.ts';

const server = serveForTests();

const A = 'a'.repeat(32);
const B = 'b'.repeat(32);

function namespacesOf(account: string): string {
  return `/client/v4/accounts/${account}/storage/kv/namespaces`;
}

function namespaceOf(account: string, id: string): string {
  return `${namespacesOf(account)}/${id}`;
}

async function create(client: Client, account: string, id: string): Promise<void> {
  expect((await client.sendJson('POST', namespacesOf(account), { id, title: id })).status).toBe(200);
}

describe('the namespace', () => {
  test('is named in a header, as workerd is told to send it, and the root path is its own', async () => {
    const { id } = await server.namespace();
    const named = { 'freehold-namespace': id };
    await server.client.send('PUT', '/healthz?urlencoded=true', 'a key', named);
    expect((await server.client.send('GET', '/healthz?urlencoded=true', undefined, named)).text).toBe('a key');
    const list = await server.client.send('GET', 'https://fake-host', undefined, named);
    expect(list.json).toEqual({ keys: [{ name: 'healthz' }], list_complete: true });
    const keys = JSON.stringify({ keys: ['healthz'] });
    expect((await server.client.send('POST', '/bulk/get', keys, named)).json).toEqual({ healthz: 'a key' });
  });

  test('is named in the path of the URL to which Miniflare sends', async () => {
    const { id } = await server.namespace();
    const url = (target: string) => ({ 'mf-url': `https://fake-host${target}`, 'mf-binding': 'KV' });
    const put = { ...url('/k?urlencoded=true'), 'mf-header-cf-kv-metadata': '1' };
    const path = `/binding/${id}?token=a-root-token-for-tests-of-43-characters-abc`;
    expect((await server.client.sendBare('PUT', path, 'v', put)).status).toBe(200);
    const got = await server.client.sendBare('GET', path, undefined, url('/k?urlencoded=true'));
    expect([got.text, got.headers['cf-kv-metadata']]).toEqual(['v', '1']);
    expect(refusal(await server.client.sendBare('GET', `/binding/${id}?token=x`, undefined, url('/k')))).toBe(
      '401 Authentication error',
    );
  });

  test('may be written in capitals', async () => {
    const { id } = await server.namespace();
    expect((await server.client.send('PUT', `/binding/${id.toUpperCase()}/k`, 'v')).status).toBe(200);
    expect((await server.client.send('GET', `/binding/${id}/k`)).text).toBe('v');
  });

  test.each([
    ['f'.repeat(32), `400 namespace not found: ${'f'.repeat(32)}`],
    ['short', "400 could not parse UUID from request's namespace_id: 'invalid namespace format: short'"],
    ['é/../x', "400 could not parse UUID from request's namespace_id: 'invalid namespace format: \\u00e9/../x'"],
  ])('%s is refused by every operation, and by none with a 404', async (id, expected) => {
    const named = { 'freehold-namespace': id };
    const requests: [string, string, string?][] = [
      ['GET', '/k'],
      ['PUT', '/k', 'v'],
      ['DELETE', '/k'],
      ['GET', '/'],
      ['POST', '/bulk/get', '{"keys":["k"]}'],
      ['POST', '/bulk/put', '[]'],
      ['POST', '/bulk/delete', '[]'],
    ];
    for (const [method, path, body] of requests) {
      expect(refusal(await server.client.send(method, path, body, named))).toBe(expected);
    }
    const known = { ...named, 'freehold-account': A };
    expect((await server.client.send('GET', '/k', undefined, known)).status).toBe(400);
  });

  test('is missing where a configuration forgot it, which is no 404 either', async () => {
    const expected =
      '400 no namespace is named: send its id in the header Freehold-Namespace, or in the path as /binding/<namespace id>/';
    for (const [path, headers] of [
      ['/k', { 'cf-kv-flprod-405': 'https://fake-host/k' }],
      ['/k', { 'freehold-namespace': '' }],
      ['/anywhere', { 'mf-url': 'https://fake-host/k' }],
      ['/binding/', {}],
      ['/binding/%zz/k', {}],
    ] as const) {
      expect(refusal(await server.client.send('GET', path, undefined, headers))).toBe(expected);
    }
  });

  test('in several accounts needs the account', async () => {
    const id = 'c'.repeat(32);
    for (const account of [A, B]) {
      await create(server.client, account, id);
      await server.client.send('PUT', `${namespaceOf(account, id)}/values/k`, account);
    }
    const expected = `400 several accounts have a namespace ${id}: send the account id in the header Freehold-Account`;
    expect(refusal(await server.client.send('GET', `/binding/${id}/k`))).toBe(expected);
    for (const account of [A, B]) {
      const headers = { 'freehold-account': account.toUpperCase() };
      expect((await server.client.send('GET', `/binding/${id}/k`, undefined, headers)).text).toBe(account);
    }
    const remote = { 'mf-url': 'https://fake-host/k' };
    expect((await server.client.send('GET', `/binding/${id}?account=${B}`, undefined, remote)).text).toBe(B);
    await server.client.send('DELETE', namespaceOf(A, id));
    expect((await server.client.send('GET', `/binding/${id}/k`)).text).toBe(B);
  });

  test('without a token, or with a method that it has not, is refused in the reason phrase too', async () => {
    const { id } = await server.namespace();
    expect(refusal(await server.client.sendBare('GET', `/binding/${id}/k`))).toBe(
      '400 Missing X-Auth-Key, X-Auth-Email or Authorization headers',
    );
    const answer = await server.client.send('PATCH', `/binding/${id}/k`, 'x');
    expect(refusal(answer)).toBe('405 PATCH method not allowed for the api_token authentication scheme');
    expect(answer.headers['allow']).toBe('GET, PUT, DELETE, HEAD');
  });
});

describe('a token', () => {
  const IDS = ['1'.repeat(32), '2'.repeat(32)] as const;
  type Limits = Pick<StoredToken, 'account' | 'namespaces'>;

  /** A server with both namespaces in both accounts, and a client whose token has these limits. */
  async function limitedTo(limits: Limits): Promise<(method: string, path: string, body?: string) => Promise<string>> {
    const { client, engine } = await appWith();
    for (const account of [A, B]) for (const id of IDS) await create(client, account, id);
    await engine.createToken({ id: A, name: 'limited', hash: hashToken('limited'), createdAt: 0, ...limits });
    return async (method, path, body) => {
      const { status, text } = await client.send(method, path, body, { authorization: 'Bearer limited' });
      return status === 200 ? text : String(status);
    };
  }

  test('of a namespace is good for its pairs, by every surface', async () => {
    const send = await limitedTo({ account: A, namespaces: [IDS[0]] });
    const path = namespaceOf(A, IDS[0]);
    expect(await send('GET', path)).toContain(IDS[0]);
    await send('PUT', `${path}/values/k`, 'v');
    expect(await send('GET', `${path}/values/k`)).toBe('v');
    expect(await send('GET', `${path}/keys`)).toContain('"name":"k"');
    // The account goes without saying: it is the token's.
    expect(await send('GET', `/binding/${IDS[0]}/k`)).toBe('v');
    expect(await send('POST', `/binding/${IDS[0]}/bulk/delete`, '["k"]')).toContain('"successful_key_count":1');
    expect(await send('GET', '/client/v4/user/tokens/verify')).toContain(`"id":"${A}"`);
    expect(await send('GET', '/client/v4/accounts')).toContain('"total_count":1');
  });

  test('of a namespace is not good for namespaces, nor for any other one', async () => {
    const send = await limitedTo({ account: A, namespaces: [IDS[0]] });
    const refused: [string, string, string?][] = [
      ['GET', namespacesOf(A)],
      ['POST', namespacesOf(A), '{"title":"new"}'],
      ['PUT', namespaceOf(A, IDS[0]), '{"title":"new"}'],
      ['DELETE', namespaceOf(A, IDS[0])],
      ...[namespaceOf(A, IDS[1]), namespaceOf(B, IDS[0]), namespaceOf(A, '3'.repeat(32))].flatMap(
        (path): [string, string, string?][] => [
          ['GET', path],
          ['GET', `${path}/keys`],
          ['GET', `${path}/values/k`],
          ['PUT', `${path}/values/k`, 'v'],
          ['DELETE', `${path}/values/k`],
          ['GET', `${path}/metadata/k`],
          ['PUT', `${path}/bulk`, '[]'],
          ['DELETE', `${path}/bulk`, '[]'],
          ['POST', `${path}/bulk/get`, '{"keys":["k"]}'],
          ['POST', `${path}/bulk/delete`, '[]'],
        ],
      ),
      ['GET', `/binding/${IDS[1]}/k`],
      ['GET', `/binding/${'3'.repeat(32)}/k`],
      ['POST', `/binding/${IDS[1]}/bulk/put`, '[]'],
    ];
    for (const [method, path, body] of refused) {
      expect(await send(method, path, body), `${method} ${path}`).toBe('403');
    }
  });

  test('of an account is good for all of it, and for no other', async () => {
    const send = await limitedTo({ account: A });
    expect(await send('GET', namespacesOf(A))).toContain('"total_count":2');
    expect(await send('POST', namespacesOf(A), '{"title":"new"}')).toContain('"title":"new"');
    await send('PUT', `/binding/${IDS[1]}/k`, 'v');
    expect(await send('GET', `${namespaceOf(A, IDS[1])}/values/k`)).toBe('v');
    expect(await send('DELETE', namespaceOf(A, IDS[1]))).toContain('"success":true');
    expect(await send('GET', `/binding/${IDS[1]}/k`)).toBe('400');
    for (const path of [namespacesOf(B), namespaceOf(B, IDS[0])]) expect(await send('GET', path)).toBe('403');
    expect(await send('GET', '/client/v4/memberships')).toContain('"total_count":1');
  });

  test('of a namespace of no certain account is good for that id alone', async () => {
    const { client, engine } = await appWith();
    for (const id of IDS) await create(client, A, id);
    await engine.createToken({
      id: A,
      name: 'limited',
      hash: hashToken('limited'),
      createdAt: 0,
      namespaces: [IDS[0]],
    });
    const send = (path: string) => client.send('PUT', path, 'v', { authorization: 'Bearer limited' });
    expect((await send(`/binding/${IDS[0]}/k`)).status).toBe(200);
    expect((await send(`${namespaceOf(A, IDS[0])}/values/k`)).status).toBe(200);
    expect((await send(`/binding/${IDS[1]}/k`)).status).toBe(403);
    expect((await send(`${namespaceOf(A, IDS[1])}/values/k`)).status).toBe(403);
  });

  test('names no account but its own in the header either', async () => {
    const { client, engine } = await appWith();
    for (const account of [A, B]) await create(client, account, IDS[0]);
    await engine.createToken({ id: A, name: 'limited', hash: hashToken('limited'), createdAt: 0, account: A });
    const headers = { authorization: 'Bearer limited', 'freehold-account': B };
    expect(refusal(await client.send('GET', `/binding/${IDS[0]}/k`, undefined, headers))).toBe(
      '403 Authentication error: the token is not good for this',
    );
  });
});

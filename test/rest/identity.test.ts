/** What clients ask about themselves before they begin. */
import { describe, expect, test } from 'vitest';
import { serveForTests, TestServer, TOKEN } from './server.fixture.ts';

const server = serveForTests();
const DEFAULT_ACCOUNT = '00000000000000000000000000000001';

describe('the token', () => {
  test('is verified, in the words by which wrangler tells its kind', async () => {
    const { status, json } = await server.client.send('GET', '/client/v4/user/tokens/verify');
    expect(status).toBe(200);
    expect(json).toEqual({
      result: { id: expect.stringMatching(/^[0-9a-f]{32}$/), status: 'active' },
      errors: [],
      messages: [{ code: 10000, message: 'This API Token is valid and active' }],
      success: true,
    });
  });

  test.each([
    [{ authorization: 'Bearer unknown' }, '401 1000'],
    [{ authorization: 'nonsense' }, '400 6003'],
    [{}, '400 9106'],
    [{ 'x-auth-email': 'me@example.com', 'x-auth-key': 'unknown' }, '403 9103'],
  ])('is not verified with %j', async (headers, failure) => {
    const path = '/client/v4/user/tokens/verify';
    expect((await server.client.sendBare('GET', path, undefined, headers as Record<string, string>)).failure).toBe(
      failure,
    );
  });

  test('has a user behind it, of the same id and not the token', async () => {
    const verified = await server.client.send('GET', '/client/v4/user/tokens/verify');
    const { id } = verified.result<{ id: string }>();
    const answer = await server.client.send('GET', '/client/v4/user');
    expect(answer.json.result).toEqual({ id, email: 'root@localhost' });
    expect(TOKEN).not.toContain(id);
  });

  test.each(['/user', '/accounts', '/memberships'])('is needed for %s', async path => {
    expect((await server.client.sendBare('GET', `/client/v4${path}`)).failure).toBe('400 9106');
  });
});

test('accounts and memberships are a default one at first, then those with namespaces', async () => {
  const fresh = new TestServer();
  await fresh.start({});
  try {
    const ids = async (path: string, pick: (item: { id: string; account: { id: string } }) => string) => {
      const { json } = await fresh.client.send('GET', `/client/v4${path}`);
      return { ids: (json.result as never[]).map(pick), info: json.result_info };
    };
    const info = { count: 1, page: 1, per_page: 20, total_count: 1, total_pages: 1 };
    expect(await ids('/accounts', ({ id }) => id)).toEqual({ ids: [DEFAULT_ACCOUNT], info });
    expect(await ids('/memberships', ({ account }) => account.id)).toEqual({ ids: [DEFAULT_ACCOUNT], info });
    const accounts = ['a', 'b', 'c'].map(digit => digit.repeat(32));
    for (const account of accounts.toReversed()) await fresh.namespace(account);
    const three = { ...info, count: 3, total_count: 3 };
    expect(await ids('/accounts', ({ id }) => id)).toEqual({ ids: accounts, info: three });
    expect(await ids('/memberships', ({ account }) => account.id)).toEqual({ ids: accounts, info: three });
    const second = { count: 1, page: 2, per_page: 2, total_count: 3, total_pages: 2 };
    expect(await ids('/accounts?per_page=2&page=2', ({ id }) => id)).toEqual({ ids: accounts.slice(2), info: second });
    expect((await ids('/accounts?page=9', ({ id }) => id)).ids).toEqual([]);
  } finally {
    await fresh.stop();
  }
});

test('an account and a membership have the members that clients read', async () => {
  await server.namespace();
  const accounts = (await server.client.send('GET', '/client/v4/accounts')).result<{ id: string }[]>();
  const { id = '' } = accounts[0] ?? {};
  const account = { id, name: `Freehold ${id}`, type: 'standard' };
  expect(accounts[0]).toEqual(account);
  const memberships = (await server.client.send('GET', '/client/v4/memberships')).result<object[]>();
  expect(memberships[0]).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{32}$/),
    status: 'accepted',
    account,
    roles: ['Administrator'],
  });
});

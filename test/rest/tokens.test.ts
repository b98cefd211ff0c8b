/** Tokens through the API: made, listed, used, revoked; what they say of themselves, and what is written of it. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Answer, Headers } from './client.fixture.ts';
import { START, serveForTests, TestServer, TOKEN } from './server.fixture.ts';

const server = serveForTests();
const TOKENS = '/freehold/v1/tokens';
const DAY = 86_400;

interface MadeToken {
  readonly id: string;
  readonly value: string;
}

async function make(body: object, on = server): Promise<MadeToken> {
  const answer = await on.client.sendJson('POST', TOKENS, { name: 'made', ...body });
  expect(answer.status, answer.text).toBe(200);
  return answer.result<MadeToken>();
}

function as({ value }: MadeToken): Headers {
  return { authorization: `Bearer ${value}` };
}

function send(token: MadeToken, method: string, path: string, body?: string, on = server): Promise<Answer> {
  return on.client.send(method, path, body, as(token));
}

function verify(token: MadeToken): Promise<Answer> {
  return send(token, 'GET', '/client/v4/user/tokens/verify');
}

async function listed(id: string): Promise<Record<string, unknown> | undefined> {
  const { json } = await server.client.send('GET', `${TOKENS}?per_page=1000`);
  return (json.result as Record<string, unknown>[]).find(token => token['id'] === id);
}

describe('a token', () => {
  test('is made as it was asked for, and shown once', async () => {
    const namespace = await server.namespace();
    const asked = {
      name: 'ci ☕',
      account_id: namespace.account,
      namespace_ids: [namespace.id],
      read_only: true,
      expires_on: '2030-01-31T12:00:00Z',
      requests_per_second: 100,
      bytes_per_day: 1_000_000_000,
    };
    const answer = await server.client.sendJson('POST', TOKENS, asked);
    const { value, ...shown } = answer.result<Record<string, unknown>>();
    expect(value).toMatch(/^[\w-]{43}$/);
    const id = expect.stringMatching(/^[0-9a-f]{32}$/);
    expect(shown).toEqual({ ...asked, id, status: 'active', issued_on: '2027-01-15T08:00:00Z' });
    expect(await listed(String(shown['id']))).toEqual(shown);
  });

  test('is for everything where nothing is asked for', async () => {
    const token = await make({});
    expect(token).toEqual({
      id: token.id,
      name: 'made',
      status: 'active',
      read_only: false,
      issued_on: '2027-01-15T08:00:00Z',
      value: token.value,
    });
    expect((await send(token, 'GET', '/client/v4/accounts')).status).toBe(200);
  });

  test('is not made for a namespace that there is not', async () => {
    const { account } = await server.namespace();
    const body = { name: 'n', account_id: account, namespace_ids: ['f'.repeat(32)] };
    expect((await server.client.sendJson('POST', TOKENS, body)).failure).toBe('404 10013');
  });

  test('is not made with a member that nobody knows, lest a limit be misspelt', async () => {
    const answer = await server.client.sendJson('POST', TOKENS, { name: 'n', readonly: true });
    expect(answer.failure).toBe('400 10012');
    expect(answer.message).toMatch(/^readonly must be left out: /);
  });

  test('that was revoked is known no more at once, and gone from the list', async () => {
    const token = await make({});
    expect((await verify(token)).status).toBe(200);
    const answer = await server.client.send('DELETE', `${TOKENS}/${token.id.toUpperCase()}`);
    expect(answer.json.result).toEqual({ id: token.id });
    expect((await verify(token)).failure).toBe('401 1000');
    expect((await send(token, 'GET', '/client/v4/user')).failure).toBe('401 10000');
    expect(await listed(token.id)).toBeUndefined();
    expect((await server.client.send('DELETE', `${TOKENS}/${token.id}`)).failure).toBe('404 10404');
  });

  test.each(['short', 'f'.repeat(32)])('that there is not cannot be revoked: %s', async id => {
    expect((await server.client.send('DELETE', `${TOKENS}/${id}`)).failure).toBe('404 10404');
  });

  test('expires at its second, is then answered like one that nobody has, and stays in the list', async () => {
    const token = await make({ expires_on: new Date((START + 100) * 1_000).toISOString() });
    try {
      server.now = START + 99;
      expect((await verify(token)).status).toBe(200);
      server.now = START + 100;
      expect((await verify(token)).failure).toBe('401 1000');
      expect((await send(token, 'GET', '/client/v4/user')).failure).toBe('401 10000');
      expect(await listed(token.id)).toMatchObject({ status: 'expired', expires_on: '2027-01-15T08:01:40Z' });
    } finally {
      server.now = START;
    }
  });

  test('goes by itself when another is made, once it has been expired for 30 days', async () => {
    const token = await make({ expires_on: new Date((START + 100) * 1_000).toISOString() });
    try {
      server.now = START + 100 + 30 * DAY;
      await make({});
      expect(await listed(token.id)).toMatchObject({ status: 'expired' });
      server.now += 1;
      await make({});
      expect(await listed(token.id)).toBeUndefined();
    } finally {
      server.now = START;
    }
  });
});

test('the list comes in pages, in the order in which tokens were made', async () => {
  const fresh = new TestServer();
  await fresh.start({});
  try {
    const names = ['one', 'two', 'three'];
    for (const name of names) {
      await make({ name }, fresh);
      fresh.now += 1;
    }
    const page = async (query: string) => {
      const { json } = await fresh.client.send('GET', TOKENS + query);
      return { names: (json.result as { name: string }[]).map(({ name }) => name), info: json.result_info };
    };
    const info = { count: 3, page: 1, per_page: 20, total_count: 3, total_pages: 1 };
    expect(await page('')).toEqual({ names, info });
    const second = { count: 1, page: 2, per_page: 2, total_count: 3, total_pages: 2 };
    expect(await page('?per_page=2&page=2')).toEqual({ names: ['three'], info: second });
    expect((await page('?page=9')).names).toEqual([]);
  } finally {
    await fresh.stop();
  }
});

test('the hour of the last use is in the list', async () => {
  const token = await make({});
  expect(await listed(token.id)).not.toHaveProperty('last_used_on');
  await verify(token);
  // In the order of their coming: what is made after it is durable after it.
  await make({});
  expect(await listed(token.id)).toMatchObject({ last_used_on: '2027-01-15T08:00:00Z' });
});

describe('asked about itself, a token tells the truth:', () => {
  const ACCOUNT = randomBytes(16).toString('hex');

  async function identity(grant: object) {
    const token = await make(grant);
    const result = async (path: string) => (await send(token, 'GET', `/client/v4${path}`)).json.result;
    const memberships = (await result('/memberships')) as { account: { id: string }; roles: string[] }[];
    return {
      id: token.id,
      verified: await result('/user/tokens/verify'),
      user: await result('/user'),
      accounts: ((await result('/accounts')) as { id: string }[]).map(({ id }) => id),
      roles: memberships.map(({ account, roles }) => [account.id, ...roles]),
    };
  }

  test.each([
    [{}, 'Administrator'],
    [{ read_only: true }, 'Administrator Read Only'],
  ])('of an account, with %j', async (grant, role) => {
    const { id, ...told } = await identity({ account_id: ACCOUNT, ...grant });
    expect(told).toEqual({
      verified: { id, status: 'active' },
      user: { id, email: `${id}@localhost` },
      accounts: [ACCOUNT],
      roles: [[ACCOUNT, role]],
    });
  });

  test.each([
    [{}, 'Workers KV Storage Write'],
    [{ read_only: true }, 'Workers KV Storage Read'],
  ])('of a namespace, with %j', async (grant, role) => {
    const { account, id } = await server.namespace(ACCOUNT);
    const told = await identity({ account_id: account, namespace_ids: [id], ...grant });
    expect(told).toMatchObject({ accounts: [ACCOUNT], roles: [[ACCOUNT, role]] });
  });

  test('when it expires', async () => {
    const { id, verified } = await identity({ expires_on: '2030-01-31T12:00:00Z' });
    expect(verified).toEqual({ id, status: 'active', expires_on: '2030-01-31T12:00:00Z' });
  });
});

describe('a token with a limit', () => {
  test('of requests a second is told to wait, and let in again in the next second', async () => {
    const token = await make({ requests_per_second: 2 });
    try {
      const statuses = [];
      for (let request = 0; request < 4; request++) statuses.push((await verify(token)).status);
      expect(statuses).toEqual([200, 200, 429, 429]);
      const refused = await send(token, 'GET', '/client/v4/user');
      expect([refused.failure, refused.headers['retry-after']]).toEqual(['429 971', '1']);
      expect((await server.client.send('GET', '/client/v4/user')).status).toBe(200);
      server.now += 1;
      expect((await verify(token)).status).toBe(200);
    } finally {
      server.now = START;
    }
  });

  test('of bytes a day is let in until it has sent and received so many, and again on the next day', async () => {
    const namespace = await server.namespace();
    const token = await make({ bytes_per_day: 2_500 });
    const path = `${namespace.path}/values/k`;
    try {
      expect((await send(token, 'PUT', path, 'x'.repeat(1_000))).status).toBe(200);
      expect((await send(token, 'GET', path)).bytes).toHaveLength(1_000);
      // The one that passes the limit is still answered.
      expect((await send(token, 'GET', path)).status).toBe(200);
      const refused = await send(token, 'GET', path);
      const untilMidnight = DAY - (START % DAY);
      expect([refused.failure, refused.headers['retry-after']]).toEqual(['429 10048', String(untilMidnight)]);
      expect(refused.message).toBe('the token has reached its limit of 2500 bytes for today');
      server.now = START + untilMidnight;
      expect((await send(token, 'GET', path)).status).toBe(200);
    } finally {
      server.now = START;
    }
  });

  test('is told so through a binding, too', async () => {
    const { account, id } = await server.namespace();
    const token = await make({ account_id: account, namespace_ids: [id], requests_per_second: 1 });
    await send(token, 'GET', `/binding/${id}/`);
    const { status, reason, headers } = await send(token, 'GET', `/binding/${id}/`);
    expect([status, reason]).toEqual([429, 'Please wait and consider throttling your request speed']);
    expect(headers['retry-after']).toBe('1');
  });
});

test('no token is in the log, in a list or in a refusal, whatever is done with it', async () => {
  const token = await make({ requests_per_second: 4 });
  const texts = [];
  for (const [method, path] of [
    ['GET', '/client/v4/user/tokens/verify'],
    ['GET', TOKENS],
    ['POST', TOKENS],
    ['GET', '/client/v4/nowhere'],
    ['GET', '/client/v4/user'],
  ] as const) {
    texts.push((await send(token, method, path)).text);
  }
  texts.push((await server.client.send('GET', `${TOKENS}?per_page=1000`)).text);
  await server.client.send('DELETE', `${TOKENS}/${token.id}`);
  texts.push((await verify(token)).text, (await send(token, 'GET', '/client/v4/user')).text);
  const all = [...texts, JSON.stringify(server.log)].join('\n');
  expect(all).toContain(token.id);
  expect(all).not.toContain(token.value);
  expect(all).not.toContain(TOKEN);
});

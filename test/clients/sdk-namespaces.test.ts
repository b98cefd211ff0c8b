import Cloudflare, { AuthenticationError, BadRequestError, NotFoundError } from 'cloudflare';
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { TOKEN, useFreehold } from './freehold.fixture.ts';
import { account, collect, newNamespace, sdk } from './sdk.fixture.ts';

const freehold = useFreehold();
let client: Cloudflare;

beforeAll(() => {
  client = sdk(freehold);
});

test('a namespace is created, got, renamed and deleted', async () => {
  const { namespaces } = client.kv;
  const created = await namespaces.create({ ...account, title: 'first', jurisdiction: 'eu' });
  expect(created).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{32}$/),
    title: 'first',
    supports_url_encoding: true,
    jurisdiction: 'eu',
  });
  expect(await namespaces.get(created.id, account)).toEqual(created);
  const renamed = { ...created, title: 'second' };
  expect(await namespaces.update(created.id, { ...account, title: 'second' })).toEqual(renamed);
  expect(await namespaces.get(created.id, account)).toEqual(renamed);
  expect(await namespaces.delete(created.id, account)).toBe(null);
  await expect(namespaces.get(created.id, account)).rejects.toBeInstanceOf(NotFoundError);
});

test('listing goes through every page, and ends', async () => {
  const titles = Array.from({ length: 45 }, (_, index) => `listed ${String(index).padStart(2, '0')}`);
  for (const title of titles) await newNamespace(client, title);
  const order = { order: 'title', direction: 'desc' } as const;
  const paged = await collect(client.kv.namespaces.list({ ...account, ...order, per_page: 7 }));
  expect(paged.map(({ title }) => title)).toEqual(titles.toReversed());
  const byDefault = await collect(client.kv.namespaces.list(account));
  expect(byDefault.map(({ id }) => id)).toEqual(paged.map(({ id }) => id).toSorted());
});

test('errors are of the class of their status, with the code', async () => {
  const { namespaces } = client.kv;
  const id = await newNamespace(client, 'taken');
  const taken = namespaces.create({ ...account, title: 'taken' });
  await expect(taken).rejects.toBeInstanceOf(BadRequestError);
  await expect(taken).rejects.toMatchObject({ status: 400, errors: [{ code: 10014 }] });
  const unknown = namespaces.delete('f'.repeat(32), account);
  await expect(unknown).rejects.toBeInstanceOf(NotFoundError);
  await expect(unknown).rejects.toMatchObject({ status: 404, errors: [{ code: 10013 }] });
  const malformed = namespaces.get('not-an-id', account);
  await expect(malformed).rejects.toBeInstanceOf(BadRequestError);
  await expect(malformed).rejects.toMatchObject({ errors: [{ code: 10011 }] });
  const denied = sdk(freehold, 'a-token-that-nobody-has').kv.namespaces.get(id, account);
  await expect(denied).rejects.toBeInstanceOf(AuthenticationError);
  await expect(denied).rejects.toMatchObject({ status: 401, errors: [{ code: 10000 }] });
});

test('the token is verified', async () => {
  expect(await client.user.tokens.verify()).toMatchObject({ status: 'active' });
});

test('base URL and token may come from the environment', async () => {
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  vi.stubEnv('CLOUDFLARE_BASE_URL', `${freehold.url}/client/v4`);
  vi.stubEnv('CLOUDFLARE_API_TOKEN', TOKEN);
  expect(await new Cloudflare().user.tokens.verify()).toMatchObject({ status: 'active' });
});

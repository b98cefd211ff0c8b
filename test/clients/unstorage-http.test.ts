/** unstorage's driver `cloudflare-kv-http`, which speaks the REST API. */
import { createStorage, type Driver } from 'unstorage';
import cloudflareKvHttp from 'unstorage/drivers/cloudflare-kv-http';
import { expect, test } from 'vitest';
import { ACCOUNT, TOKEN } from './freehold.fixture.ts';
import { account, sdk } from './sdk.fixture.ts';
import { type DriverTarget, describeStorage } from './unstorage.fixture.ts';

const bed = describeStorage((target, options) => driver(target, { apiToken: TOKEN, ...options }));

type Credentials = { apiToken: string } | { userServiceKey: string } | { email: string; apiKey: string };

function driver({ freehold, namespace }: DriverTarget, options: Credentials & { base?: string }): Driver {
  return cloudflareKvHttp({ apiURL: freehold.url, accountId: ACCOUNT, namespaceId: namespace, ...options });
}

test('several items are written and read in one call', async () => {
  await bed.storage.setItems([
    { key: 'a', value: '1' },
    { key: 'b', value: 'two' },
  ]);
  expect(await bed.storage.getItems(['a', 'b', 'missing'])).toEqual([
    { key: 'a', value: 1 },
    { key: 'b', value: 'two' },
    { key: 'missing', value: null },
  ]);
});

test('10,500 keys are listed, and cleared in two bulks', async () => {
  const keys = Array.from({ length: 10_500 }, (_, index) => `key:${String(index).padStart(5, '0')}`);
  const { namespaces } = sdk(bed.freehold).kv;
  for (const part of [keys.slice(0, 10_000), keys.slice(10_000)]) {
    await namespaces.bulkUpdate(bed.namespace, { ...account, body: part.map(key => ({ key, value: '' })) });
  }
  expect(await bed.storage.getKeys()).toEqual(keys);
  await bed.storage.clear();
  expect(await bed.names()).toEqual([]);
});

test.each<[string, Credentials]>([
  ['a user service key', { userServiceKey: TOKEN }],
  ['an e-mail address and API key', { email: 'someone@example.com', apiKey: TOKEN }],
])('%s is as good as the token', async (_, credentials) => {
  const other = createStorage({ driver: driver(bed, credentials) });
  await other.setItem('item', 'x');
  expect(await other.getItem('item')).toBe('x');
});

test('a failure is an error with its status, and not a missing item', async () => {
  const closed = createStorage({ driver: driver(bed, { apiToken: 'a-token-that-nobody-has' }) });
  await expect(closed.getItem('item')).rejects.toMatchObject({ status: 401 });
  await expect(closed.hasItem('item')).rejects.toMatchObject({ status: 401 });
  await expect(bed.storage.setItem('item', 'x'.repeat(26_214_401))).rejects.toMatchObject({ status: 413 });
  expect(await bed.storage.getItem('item')).toBe(null);
});

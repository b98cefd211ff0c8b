/** unstorage's driver `cloudflare-kv-binding`, with the client for a binding. */
import { connect } from '@freehold/client';
import { createStorage } from 'unstorage';
import cloudflareKvBinding from 'unstorage/drivers/cloudflare-kv-binding';
import { expect, test } from 'vitest';
import { TOKEN } from './freehold.fixture.ts';
import { type DriverTarget, describeStorage } from './unstorage.fixture.ts';

const bed = describeStorage((target, options) => cloudflareKvBinding({ binding: binding(target), ...options }));

function binding({ freehold, namespace }: DriverTarget, token = TOKEN) {
  return connect({ url: freehold.url, namespace, token });
}

test('an empty text comes back', async () => {
  await bed.storage.setItem('item', '');
  expect(await bed.storage.getItem('item')).toBe('');
});

test('expirationTtl is passed on', async () => {
  const now = Math.floor(Date.now() / 1000);
  await bed.storage.setItem('an hour', 'x', { expirationTtl: 3_600 });
  const [hour] = await bed.freehold.keys(bed.namespace);
  expect(hour?.expiration).toBeGreaterThanOrEqual(now + 3_600);
});

test('keys are listed through all pages, and cleared', async () => {
  const keys = Array.from({ length: 1_500 }, (_, index) => `key:${String(index).padStart(4, '0')}`);
  await binding(bed).putMany(keys.map(key => ({ key, value: '' })));
  expect(await bed.storage.getKeys()).toEqual(keys);
  await bed.storage.clear();
  expect(await bed.names()).toEqual([]);
});

test('a failure is an error, and not a missing item', async () => {
  const closed = createStorage({ driver: cloudflareKvBinding({ binding: binding(bed, 'a-token-that-nobody-has') }) });
  await expect(closed.getItem('item')).rejects.toThrow('KV GET failed: 401 Authentication error');
  await expect(closed.hasItem('item')).rejects.toThrow('KV GET failed: 401 Authentication error');
  await expect(bed.storage.setItem('item', 'x', { expirationTtl: 5 })).rejects.toThrow('at least 60');
});

import { expect, test } from 'vitest';
import { DOCUMENTED, usePage } from './page.fixture.ts';

const page = usePage('unstorage', 'curl');

test('both drivers work as pasted, and see what the other has written', async () => {
  const [http = '', binding = '', ...rest] = page.blocks('js');
  expect(rest).toEqual([]);
  expect(await page.node('http.mjs', http)).toBe("{ name: 'Ada' } [ 'user:1' ]\n");
  expect(await page.node('binding.mjs', binding)).toBe("{ name: 'Grace' } [ 'user:1', 'user:2' ]\n");
  const expiration = expect.any(Number);
  expect(await page.request('GET', `/${DOCUMENTED.namespace.id}/keys`)).toEqual([
    { name: 'user:1', expiration },
    { name: 'user:2', expiration },
  ]);
});

test.each([0, 1])('driver %d raises a ttl that is too short to a minute, and clears', async index => {
  const code = page.blocks('js')[index]?.replace('ttl: 3600', 'ttl: 5') ?? '';
  expect(await page.node('short.mjs', code)).toContain('name:');
  await page.node('clear.mjs', `${code}await storage.clear();`);
  expect(await page.request('GET', `/${DOCUMENTED.namespace.id}/keys`)).toEqual([]);
});

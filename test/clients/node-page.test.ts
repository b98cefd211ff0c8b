import { expect, test } from 'vitest';
import { DOCUMENTED, usePage } from './page.fixture.ts';

const page = usePage('node', 'node');

test('its code works as pasted, in one file', async () => {
  const [connected = '', more = '', ...rest] = page.blocks('js');
  expect(rest).toEqual([]);
  expect(await page.node('connected.mjs', connected)).toBe('hello\n');
  expect(await page.node('tour.mjs', `${connected}${more}`)).toBe('hello\n10000 orders\n');
  const greeting = { name: 'greeting', expiration: expect.any(Number) };
  expect(await page.request('GET', `/${DOCUMENTED.namespace.id}/keys`)).toEqual([greeting]);
});

import { expect, test } from 'vitest';
import { usePage } from './page.fixture.ts';

const page = usePage('sdk', 'sdk');

test('its code works as pasted, in one file', async () => {
  const [connected = '', more = '', ...rest] = page.blocks('js');
  expect(rest).toEqual([]);
  expect(await page.node('connected.mjs', connected)).toBe('hello\n');
  expect(await page.node('tour.mjs', `${connected}${more}`)).toBe('hello\n10000 orders\n');
});

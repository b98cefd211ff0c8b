import { expect, test } from 'vitest';
import { usePage } from './page.fixture.ts';

const page = usePage('curl', 'curl');

test('its commands work as pasted, in one shell', async () => {
  const [, settings = '', more = '', namespaces = '', ...rest] = page.blocks('sh');
  expect(rest).toEqual([]);
  const shown = await page.shell(`${settings}${more}${namespaces}`);
  expect(shown).not.toContain('"success":false');
  expect(shown.match(/"success":true/g)).toHaveLength(9);
  expect(shown).toContain('}hello{');
  expect(shown).toMatch(/\{"name":"greeting","expiration":\d+\}/);
  expect(shown).toContain('"result":{"lang":"en"}');
  expect(shown).toContain('"values":{"a/b":"1","b":"2"}');
  expect(shown).toContain('"title":"visits"');
});

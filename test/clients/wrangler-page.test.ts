import { expect, test } from 'vitest';
import { DOCUMENTED, usePage } from './page.fixture.ts';

const page = usePage('wrangler', 'wrangler');

test('its commands work as pasted, in one shell', async () => {
  const [, settings = '', use = '', ...rest] = page.blocks('sh');
  expect(rest).toEqual([]);
  const shown = await page.shell(`${settings}${use}`);
  expect(shown.startsWith('[]\n')).toBe(true);
  expect(shown).toContain('\nhello');
  const [keys = '', namespaces = ''] = [...shown.matchAll(/^\[\n.*?^\]$/gms)].map(([list]) => list);
  expect(JSON.parse(keys)).toEqual([{ name: 'a' }, { name: 'b' }, { name: 'greeting', metadata: { lang: 'en' } }]);
  expect(JSON.parse(namespaces)).toMatchObject([{ title: 'orders' }, { title: 'sessions' }]);
});

test('its line for wrangler.jsonc gives the namespace to --binding', async () => {
  const [, settings = ''] = page.blocks('sh');
  const [, entry = ''] = /^# ("kv_namespaces": .*)$/m.exec(settings) ?? [];
  await page.file('wrangler.jsonc', `{ "name": "shop", ${entry} }`);
  await page.shell(`${settings}npx wrangler kv key put bound yes --remote --binding SESSIONS`);
  expect(await page.request('GET', `/${DOCUMENTED.namespace.id}/keys?prefix=bound`)).toEqual([{ name: 'bound' }]);
});

import { expect, test } from 'vitest';
import { DOCUMENTED, ROOT_TOKEN, usePage } from './page.fixture.ts';

const page = usePage('miniflare', 'miniflare');

test('its code works as pasted', async () => {
  const [code = ''] = page.blocks('js');
  expect(await page.node('dev.mjs', code)).toBe('hello\n');
  const greeting = { name: 'greeting', expiration: expect.any(Number) };
  expect(await page.request('GET', `/${DOCUMENTED.namespace.id}/keys`)).toEqual([greeting]);
});

/** The plugin brings a Vitest and a Miniflare of its own, so that only its options are tried: by the real Miniflare. */
test('its configuration for Vitest binds the namespace', async () => {
  const [configuration = ''] = page.blocks('mjs');
  await page.file('plugin.mjs', 'export const cloudflareTest = options => options;');
  await page.file('vitest.config.mjs', configuration.replace('@cloudflare/vitest-plugin', './plugin.mjs'));
  const shown = await page.node(
    'run.mjs',
    `import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
    import config from './vitest.config.mjs';

    const script = "export default { fetch: async (_, { SESSIONS }) => new Response(await SESSIONS.get('test')) };";
    const options = { modules: true, script, ...config.plugins[0].miniflare };
    const mf = new Miniflare(convertV4MiniflareOptions(options));
    const sessions = await mf.getKVNamespace('SESSIONS');
    await sessions.put('test', 'by Vitest');
    console.log(await (await mf.dispatchFetch('http://localhost/')).text());
    await mf.dispose();`,
  );
  expect(shown).toBe('by Vitest\n');
});

test('Miniflare 5 takes one URL a Worker', async () => {
  const [code = ''] = page.blocks('js');
  const other = `OTHER: { id: 'x', remoteProxyConnectionString: new URL('http://127.0.0.1/') },`;
  const two = code.replace('kvNamespaces: {', `kvNamespaces: { ${other}`);
  await expect(page.node('two.mjs', two)).rejects.toThrow('multiple remoteProxyConnectionString values');
});

test('which may be for several namespaces', async () => {
  const [, several = ''] = page.blocks('js');
  const users = 'fedcba9876543210fedcba9876543210';
  await page.request('POST', '', { id: users, title: 'users' });
  const shown = await page.node(
    'several.mjs',
    `import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
    ${several.replace(page.token, ROOT_TOKEN)}
    const script = \`export default { fetch: async (_, { SESSIONS, USERS }) => {
      await SESSIONS.put('where', 'sessions');
      await USERS.put('where', 'users');
      return Response.json([await SESSIONS.get('where'), await USERS.get('where')]);
    } };\`;
    const mf = new Miniflare(convertV4MiniflareOptions({ modules: true, script, kvNamespaces }));
    console.log(await (await mf.dispatchFetch('http://localhost/')).text());
    await mf.dispose();`,
  );
  expect(JSON.parse(shown)).toEqual(['sessions', 'users']);
  expect(await page.request('GET', `/${users}/keys`)).toEqual([{ name: 'where' }]);
});

/** A `wrangler.jsonc` names namespaces by binding, environment and preview. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { useFreehold } from './freehold.fixture.ts';
import { account, collect, sdk } from './sdk.fixture.ts';
import { useWrangler } from './wrangler.fixture.ts';

const freehold = useFreehold();
const wrangler = useWrangler(freehold);
const ids: Record<string, string> = {};

beforeAll(async () => {
  for (const name of ['production', 'preview', 'staging']) ids[name] = await freehold.createNamespace(name);
  const { production, preview, staging } = ids;
  await wrangler.file(
    'wrangler.jsonc',
    `{
      "name": "shop", // as Cloudflare's own examples have it
      "kv_namespaces": [
        { "binding": "KV", "id": "${production}", "preview_id": "${preview}" },
        { "binding": "NO_PREVIEW", "id": "${production}" },
        { "binding": "NO_ID" },
      ],
      "env": { "staging": { "kv_namespaces": [{ "binding": "KV", "id": "${staging}" }] } },
    }`,
  );
});

async function names(id = ''): Promise<string[]> {
  return (await freehold.keys(id)).map(({ name }) => name);
}

async function titles(): Promise<string[]> {
  return (await collect(sdk(freehold).kv.namespaces.list(account))).map(({ title }) => title);
}

describe.each([
  ['production', ['--preview', 'false']],
  ['preview', ['--preview']],
  ['staging', ['--env', 'staging']],
])('%s', (name, flags) => {
  const on = ['--remote', '--binding', 'KV', ...flags];

  test('key commands act on its namespace', async () => {
    await wrangler.output('kv', 'key', 'put', 'of', name, '--metadata', '{"a":1}', '--ttl', '3600', ...on);
    expect(String(await freehold.value(ids[name] ?? '', 'of'))).toBe(name);
    expect(await wrangler.output('kv', 'key', 'get', 'of', '--text', ...on)).toBe(`${name}\n`);
    const listed = JSON.parse(await wrangler.output('kv', 'key', 'list', '--prefix', 'o', ...on));
    expect(listed).toEqual([{ name: 'of', metadata: { a: 1 }, expiration: expect.any(Number) }]);
    await wrangler.output('kv', 'key', 'delete', 'of', ...on);
    expect(await names(ids[name])).toEqual([]);
  });

  test('bulk commands act on its namespace', async () => {
    const pairs = await wrangler.jsonFile(`${name}-pairs.json`, [{ key: 'bulk', value: name }]);
    const keys = await wrangler.jsonFile(`${name}-keys.json`, ['bulk']);
    await wrangler.output('kv', 'bulk', 'put', pairs, ...on);
    expect(String(await freehold.value(ids[name] ?? '', 'bulk'))).toBe(name);
    expect(JSON.parse(await wrangler.output('kv', 'bulk', 'get', keys, ...on))).toEqual({ bulk: name });
    await wrangler.output('kv', 'bulk', 'delete', keys, '--force', ...on);
    expect(await names(ids[name])).toEqual([]);
  });
});

test('which namespace is meant has to be clear', async () => {
  const put = ['kv', 'key', 'put', 'key', 'value', '--remote', '--binding'];
  const [undecided, none, unknown, undeployed] = await Promise.all([
    wrangler.failure([...put, 'KV']),
    wrangler.failure([...put, 'NO_PREVIEW', '--preview']),
    wrangler.failure([...put, 'UNKNOWN']),
    wrangler.failure([...put, 'NO_ID']),
  ]);
  expect(undecided).toContain('has both an "id" and a "preview_id" configured');
  expect(none).toContain('No preview namespace ID is configured for binding "NO_PREVIEW"');
  expect(unknown).toContain('No KV namespace with binding "UNKNOWN" was found');
  // wrangler then asks for the deployed worker, and there are no workers here.
  expect(undeployed).toMatch(/\/workers\/scripts\/shop\/settings\) failed\.\s+.*\[code: \d+\]/);
  expect(await names(ids['production'])).toEqual([]);
});

test('the preview and the environment are in the titles of namespaces that are created', async () => {
  await wrangler.output('kv', 'namespace', 'create', 'carts', '--preview');
  await wrangler.output('kv', 'namespace', 'create', 'carts', '--env', 'staging');
  await wrangler.output('kv', 'namespace', 'create', 'carts', '--jurisdiction', 'eu');
  expect(await titles()).toEqual(expect.arrayContaining(['carts', 'carts_preview', 'staging-carts']));
});

test('a namespace that is created can be put into the configuration, used and deleted by its binding', async () => {
  const file = await wrangler.jsonFile('growing.json', { name: 'growing' });
  const binding = ['--binding', 'NEW', '--config', file];
  await wrangler.output('kv', 'namespace', 'create', 'grown', '--update-config', '--use-remote', 'false', ...binding);
  const configuration = JSON.parse(await readFile(join(wrangler.directory, file), 'utf8'));
  const [{ id }] = configuration.kv_namespaces;
  expect(configuration.kv_namespaces).toEqual([{ binding: 'NEW', id }]);
  await wrangler.output('kv', 'key', 'put', 'key', 'value', '--remote', ...binding);
  expect(await names(id)).toEqual(['key']);
  await wrangler.output('kv', 'namespace', 'delete', '--skip-confirmation', ...binding);
  expect(await titles()).not.toContain('grown');
});

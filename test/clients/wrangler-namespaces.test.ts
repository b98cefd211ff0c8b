import { expect, test } from 'vitest';
import { TOKEN, useFreehold } from './freehold.fixture.ts';
import { useWrangler } from './wrangler.fixture.ts';

const freehold = useFreehold();
const wrangler = useWrangler(freehold);

interface Namespace {
  readonly id: string;
  readonly title: string;
}

async function listed(): Promise<Namespace[]> {
  return JSON.parse(await wrangler.output('kv', 'namespace', 'list'));
}

async function titles(): Promise<string[]> {
  return (await listed()).map(({ title }) => title);
}

test('a namespace is created, listed, renamed by name and by id, and deleted by name and by id', async () => {
  const shown = await wrangler.output('kv', 'namespace', 'create', 'sessions');
  const [{ id, title } = { id: '', title: '' }] = await listed();
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(title).toBe('sessions');
  expect(shown).toContain(`"id": "${id}"`);

  const renamed = await wrangler.output('kv', 'namespace', 'rename', 'sessions', '--new-name', 'visits');
  expect(renamed).toContain('Successfully renamed namespace to "visits"');
  await wrangler.output('kv', 'namespace', 'rename', '--namespace-id', id, '--new-name', 'stays');
  expect(await listed()).toEqual([{ id, title: 'stays', supports_url_encoding: true }]);

  const other = await freehold.createNamespace('other');
  await Promise.all([
    wrangler.output('kv', 'namespace', 'delete', 'stays'),
    wrangler.output('kv', 'namespace', 'delete', '--namespace-id', other),
  ]);
  expect(await titles()).toEqual([]);
});

test('without an account id wrangler finds the account by itself', async () => {
  const id = await freehold.createNamespace('found');
  const { code, shown } = await wrangler.run(['kv', 'namespace', 'list'], { CLOUDFLARE_ACCOUNT_ID: undefined });
  expect(code, shown).toBe(0);
  expect(JSON.parse(shown)).toContainEqual({ id, title: 'found', supports_url_encoding: true });
});

test('an e-mail address with the token as the API key is as good as the token', async () => {
  const key = { CLOUDFLARE_EMAIL: 'someone@example.com', CLOUDFLARE_API_KEY: TOKEN, CLOUDFLARE_API_TOKEN: undefined };
  const { code, shown } = await wrangler.run(['kv', 'namespace', 'list'], key);
  expect(code, shown).toBe(0);
});

test('a configuration file names the namespace by its binding', async () => {
  const id = await freehold.createNamespace('bound');
  const configuration = { name: 'worker', kv_namespaces: [{ binding: 'KV', id }] };
  const file = await wrangler.jsonFile('bound.json', configuration);
  await wrangler.output('kv', 'key', 'put', 'greeting', 'hello', '--remote', '--binding', 'KV', '--config', file);
  expect(String(await freehold.value(id, 'greeting'))).toBe('hello');
});

import { expect, test } from 'vitest';
import { useFreehold } from './freehold.fixture.ts';
import { on, useWrangler } from './wrangler.fixture.ts';

const freehold = useFreehold();
const wrangler = useWrangler(freehold);

const UNKNOWN = 'f'.repeat(32);

test('a missing key or namespace is told as such', async () => {
  const id = await freehold.createNamespace('empty');
  const [missing, unknown, listing, deletion] = await Promise.all([
    wrangler.failure(['kv', 'key', 'get', 'missing', ...on(id)]),
    wrangler.failure(['kv', 'key', 'get', 'key', ...on(UNKNOWN)]),
    wrangler.failure(['kv', 'key', 'list', ...on(UNKNOWN)]),
    wrangler.failure(['kv', 'namespace', 'delete', '--namespace-id', UNKNOWN]),
  ]);
  expect(missing).toContain('/values/missing - 404: Not Found');
  expect(unknown).toContain('/values/key - 404: Not Found');
  expect(listing).toMatch(/namespace not found.* \[code: 10013\]/);
  expect(deletion).toMatch(/namespace not found.* \[code: 10013\]/);
});

test('a title that is taken is refused when creating and when renaming', async () => {
  await freehold.createNamespace('taken');
  const id = await freehold.createNamespace('free');
  const [creation, renaming] = await Promise.all([
    wrangler.failure(['kv', 'namespace', 'create', 'taken']),
    wrangler.failure(['kv', 'namespace', 'rename', '--namespace-id', id, '--new-name', 'taken']),
  ]);
  expect(creation).toContain('A KV namespace with the title "taken" already exists.');
  expect(renaming).toContain('[code: 10014]');
});

test('a wrong or missing token is told first', async () => {
  const id = await freehold.createNamespace('closed');
  const wrong = { CLOUDFLARE_API_TOKEN: 'a-token-that-nobody-has' };
  const [listing, namespaces, missing] = await Promise.all([
    wrangler.failure(['kv', 'key', 'list', ...on(id)], wrong),
    wrangler.failure(['kv', 'namespace', 'list'], wrong),
    wrangler.failure(['kv', 'namespace', 'list'], { CLOUDFLARE_API_TOKEN: undefined }),
  ]);
  const [, first] = listing.split('[ERROR]');
  expect(first).toMatch(/\/keys\) failed\.\s+Authentication error \[code: 10000\]/);
  expect(namespaces).toContain('Authentication error [code: 10000]');
  expect(missing).toContain('CLOUDFLARE_API_TOKEN');
});

test('a bad pair in a bulk is named by its index and key, and nothing is written', async () => {
  const id = await freehold.createNamespace('unwritten');
  const file = await wrangler.jsonFile('bad.json', [
    { key: 'good', value: 'a' },
    { key: 'bad', value: 'not base64!', base64: true },
  ]);
  const shown = await wrangler.failure(['kv', 'bulk', 'put', file, ...on(id)]);
  expect(shown).toContain('[code: 10012]');
  expect(shown).toMatch(/\b1\b.*"?bad"?/);
  expect(await freehold.keys(id)).toEqual([]);
});

test('an expiration too near is refused with the reason', async () => {
  const id = await freehold.createNamespace('too near');
  const shown = await wrangler.failure(['kv', 'key', 'put', 'key', 'value', '--ttl', '30', ...on(id)]);
  expect(shown).toMatch(/ttl.*60.*\[code: 10034\]/);
});

test('a base URL with a slash at its end does not work', async () => {
  const id = await freehold.createNamespace('slash');
  const changes = { CLOUDFLARE_API_BASE_URL: `${freehold.url}/client/v4/` };
  expect(await wrangler.failure(['kv', 'key', 'list', ...on(id)], changes)).toContain('[code: 7003]');
});

test('more than a hundred keys in one bulk get are refused, because wrangler does not split them', async () => {
  const id = await freehold.createNamespace('many');
  const keys = Array.from({ length: 101 }, (_, index) => `key ${index}`);
  const shown = await wrangler.failure(['kv', 'bulk', 'get', await wrangler.jsonFile('many.json', keys), ...on(id)]);
  expect(shown).toContain('100');
});

test('a file of more than a thousand pairs is several bulks: a bad pair in the second leaves the first', async () => {
  const id = await freehold.createNamespace('two bulks');
  const good = Array.from({ length: 1_000 }, (_, index) => ({ key: `key ${index}`, value: '' }));
  const bad = { key: 'bad', value: '', expiration_ttl: 1 };
  const file = await wrangler.jsonFile('two-bulks.json', [...good, bad]);
  expect(await wrangler.failure(['kv', 'bulk', 'put', file, ...on(id)])).toContain('[code: 10034]');
  const names = (await freehold.keys(id)).map(({ name }) => name);
  expect(names).toEqual(good.map(({ key }) => key).toSorted());
});

test('what is too large is refused with its size, and nothing is written', async () => {
  const id = await freehold.createNamespace('too large');
  const value = await wrangler.file('value', Buffer.alloc(26_214_401));
  const metadata = JSON.stringify({ text: 'k'.repeat(1_014) });
  const pairs = Array.from({ length: 6 }, (_, index) => ({ key: `${index}`, value: 'x'.repeat(17_000_000) }));
  const bulk = await wrangler.jsonFile('bulk.json', pairs);
  expect(await wrangler.failure(['kv', 'key', 'put', 'key', '--path', value, ...on(id)])).toMatch(
    /26214401.*26214400.*\[code: \d+\]/,
  );
  expect(await wrangler.failure(['kv', 'key', 'put', 'key', 'x', '--metadata', metadata, ...on(id)])).toMatch(
    /1025.*1024.*\[code: \d+\]/,
  );
  expect(await wrangler.failure(['kv', 'bulk', 'put', bulk, ...on(id)])).toMatch(/100000000.*\[code: \d+\]/);
  expect(await freehold.keys(id)).toEqual([]);
});

test('a name that no namespace has is told by wrangler itself', async () => {
  const [deletion, renaming] = await Promise.all([
    wrangler.failure(['kv', 'namespace', 'delete', 'unknown']),
    wrangler.failure(['kv', 'namespace', 'rename', 'unknown', '--new-name', 'other']),
  ]);
  expect(deletion).toContain('No KV namespace named "unknown" was found');
  expect(renaming).toContain('No KV namespace named "unknown" was found');
});

test('keys that cannot be are refused in a bulk delete, and nothing is deleted', async () => {
  const id = await freehold.createNamespace('undeleted');
  await freehold.put(id, 'key', 'x');
  const file = await wrangler.jsonFile('keys.json', ['key', 'k'.repeat(513)]);
  expect(await wrangler.failure(['kv', 'bulk', 'delete', file, '--force', ...on(id)])).toMatch(/513.*512/);
  expect(await freehold.keys(id)).toEqual([{ name: 'key' }]);
});

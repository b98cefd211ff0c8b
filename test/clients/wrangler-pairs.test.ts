import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { useFreehold } from './freehold.fixture.ts';
import { on, useWrangler } from './wrangler.fixture.ts';

const freehold = useFreehold();
const wrangler = useWrangler(freehold);

/** In the order of a listing. */
const ODD_KEYS = [
  '..a/b/../%2F',
  '7',
  '__proto__',
  'new\nline',
  'space + plus?a=b&c#d',
  'x'.repeat(512),
  'ключ;:@ 👩‍🚀',
];

test('strings and files arrive byte for byte, with metadata and either kind of expiration', async () => {
  const id = await freehold.createNamespace('puts');
  const binary = randomBytes(100_000);
  const path = await wrangler.file('binary', binary);
  const empty = await wrangler.file('empty', '');
  const inAnHour = Math.floor(Date.now() / 1000) + 3_600;
  await Promise.all([
    wrangler.output('kv', 'key', 'put', 'text', 'zwölf\r\nlines ☕', ...on(id)),
    wrangler.output('kv', 'key', 'put', 'file', '--path', path, ...on(id)),
    wrangler.output('kv', 'key', 'put', 'file+metadata', '--path', path, '--metadata', '{"n":[1,null]}', ...on(id)),
    wrangler.output('kv', 'key', 'put', 'text+metadata', 'a\nb', '--metadata', '{"é":1}', '--ttl', '3600', ...on(id)),
    wrangler.output('kv', 'key', 'put', 'dated', '--path', empty, '--expiration', String(inAnHour), ...on(id)),
  ]);
  expect(String(await freehold.value(id, 'text'))).toBe('zwölf\r\nlines ☕');
  expect(await freehold.value(id, 'file')).toEqual(binary);
  expect(await freehold.value(id, 'file+metadata')).toEqual(binary);
  // Multipart text has CRLF for line breaks: this is the client's doing.
  expect(String(await freehold.value(id, 'text+metadata'))).toBe('a\r\nb');
  expect(String(await freehold.value(id, 'dated'))).toBe('');
  const keys = await freehold.keys(id);
  expect(keys).toEqual([
    { name: 'dated', expiration: inAnHour },
    { name: 'file' },
    { name: 'file+metadata', metadata: { n: [1, null] } },
    { name: 'text' },
    { name: 'text+metadata', metadata: { é: 1 }, expiration: expect.any(Number) },
  ]);
  expect(keys[4]?.expiration).toBeGreaterThanOrEqual(inAnHour);
});

test('get writes exactly the value to standard output; delete takes the pair away', async () => {
  const id = await freehold.createNamespace('gets');
  const binary = Uint8Array.from(randomBytes(100_000));
  await freehold.put(id, 'binary', binary);
  await freehold.put(id, 'text', 'no line break at the end');
  const [bytes, text] = await Promise.all([
    wrangler.bytes('kv', 'key', 'get', 'binary', ...on(id)),
    wrangler.output('kv', 'key', 'get', 'text', ...on(id)),
  ]);
  expect(bytes).toEqual(Buffer.from(binary));
  expect(text).toBe('no line break at the end');
  await wrangler.output('kv', 'key', 'delete', 'binary', ...on(id));
  expect(await freehold.keys(id)).toEqual([{ name: 'text' }]);
});

test('a listing goes through all pages, and keeps to a prefix', async () => {
  const id = await freehold.createNamespace('lists');
  const names = Array.from({ length: 2_500 }, (_, index) => `key/${String(index).padStart(4, '0')}`);
  const file = await wrangler.jsonFile(
    'names.json',
    names.map(key => ({ key, value: '' })),
  );
  await wrangler.output('kv', 'bulk', 'put', file, ...on(id));
  const [all, some] = await Promise.all([
    wrangler.output('kv', 'key', 'list', ...on(id)),
    wrangler.output('kv', 'key', 'list', '--prefix', 'key/12', ...on(id)),
  ]);
  expect(JSON.parse(all)).toEqual(names.map(name => ({ name })));
  expect(JSON.parse(some)).toEqual(names.slice(1_200, 1_300).map(name => ({ name })));
});

test('odd keys are the same key to put, get, bulk get, list and delete', async () => {
  const id = await freehold.createNamespace('odd keys');
  await Promise.all(ODD_KEYS.map(key => wrangler.output('kv', 'key', 'put', key, `value of ${key}`, ...on(id))));
  const file = await wrangler.jsonFile('odd.json', ODD_KEYS);
  const [values, list, ...single] = await Promise.all([
    wrangler.output('kv', 'bulk', 'get', file, ...on(id)),
    wrangler.output('kv', 'key', 'list', ...on(id)),
    ...ODD_KEYS.map(key => wrangler.output('kv', 'key', 'get', key, ...on(id))),
  ]);
  // wrangler itself loses __proto__ from the object that it prints.
  const printed = ODD_KEYS.filter(key => key !== '__proto__');
  expect(JSON.parse(values)).toEqual(Object.fromEntries(printed.map(key => [key, `value of ${key}`])));
  expect(JSON.parse(list)).toEqual(ODD_KEYS.map(name => ({ name })));
  expect(single).toEqual(ODD_KEYS.map(key => `value of ${key}`));
  await Promise.all(ODD_KEYS.map(key => wrangler.output('kv', 'key', 'delete', key, ...on(id))));
  expect(await freehold.keys(id)).toEqual([]);
});

test('metadata has to be a JSON object', async () => {
  const argv = ['kv', 'key', 'put', 'key', 'value', '--metadata', '"text"', ...on('f'.repeat(32))];
  expect(await wrangler.failure(argv)).toContain('--metadata must be a JSON object');
});

test('bulk put, get and delete keep to what their files say', async () => {
  const id = await freehold.createNamespace('bulks');
  const binary = randomBytes(1_000);
  const pairs = await wrangler.jsonFile('pairs.json', [
    { key: 'plain', value: 'zwölf\n' },
    { key: 'binary', value: binary.toString('base64'), base64: true, metadata: { kind: 'bytes' } },
    { key: 'passing', value: '1', expiration_ttl: 3_600 },
  ]);
  await wrangler.output('kv', 'bulk', 'put', pairs, ...on(id));
  expect(await freehold.value(id, 'binary')).toEqual(binary);
  expect(await freehold.keys(id)).toEqual([
    { name: 'binary', metadata: { kind: 'bytes' } },
    { name: 'passing', expiration: expect.any(Number) },
    { name: 'plain' },
  ]);
  const asked = await wrangler.jsonFile('asked.json', ['plain', 'passing', 'missing']);
  expect(JSON.parse(await wrangler.output('kv', 'bulk', 'get', asked, ...on(id)))).toEqual({
    plain: 'zwölf\n',
    passing: '1',
    missing: null,
  });
  await wrangler.output('kv', 'bulk', 'delete', asked, '--force', ...on(id));
  expect((await freehold.keys(id)).map(({ name }) => name)).toEqual(['binary']);
});

test('without --remote nothing reaches the server', async () => {
  const id = await freehold.createNamespace('untouched');
  await wrangler.output('kv', 'key', 'put', 'key', 'value', '--namespace-id', id);
  expect(await freehold.keys(id)).toEqual([]);
});

test('NUL, which no command line can have, is in a key of a file', async () => {
  const id = await freehold.createNamespace('NUL');
  const put = await wrangler.jsonFile('put.json', [{ key: 'a\0b', value: 'v' }]);
  const keys = await wrangler.jsonFile('keys.json', ['a\0b']);
  await wrangler.output('kv', 'bulk', 'put', put, ...on(id));
  expect(JSON.parse(await wrangler.output('kv', 'key', 'list', ...on(id)))).toEqual([{ name: 'a\0b' }]);
  expect(JSON.parse(await wrangler.output('kv', 'bulk', 'get', keys, ...on(id)))).toEqual({ 'a\0b': 'v' });
  await wrangler.output('kv', 'bulk', 'delete', keys, '--force', ...on(id));
  expect(await freehold.keys(id)).toEqual([]);
});

test('a value of 25 MiB goes out and comes back', async () => {
  const id = await freehold.createNamespace('largest');
  const largest = randomBytes(26_214_400);
  const path = await wrangler.file('largest', largest);
  await wrangler.output('kv', 'key', 'put', 'largest', '--path', path, ...on(id));
  expect((await wrangler.bytes('kv', 'key', 'get', 'largest', ...on(id))).equals(largest)).toBe(true);
});

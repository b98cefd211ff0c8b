/** Keys that something on the way could take for something else, through the real workerd. */
import { expect, test } from 'vitest';
import { useFreehold } from '../clients/freehold.fixture.ts';
import { bindingOf, useWorkerd } from './workerd.fixture.ts';

const freehold = useFreehold();
let id: string;
const workerd = useWorkerd(async () => {
  id = await freehold.createNamespace('keys');
  return { KV: bindingOf(freehold, id) };
});

test.each([
  '/',
  'a/b',
  '//host/path',
  'trailing/',
  '../up',
  '..%2Fup',
  'a/./b',
  '...',
  '%',
  '%zz',
  '%2F',
  'a+b c',
  ' ',
  '?urlencoded=false#x',
  '?',
  '#',
  ":@=;,!*()~$&'",
  'quote"`<>{}|\\^[]',
  'nul\0',
  'line\r\nbreak',
  '\u007f',
  'é',
  'e\u0301',
  '🤓👩‍🚀',
  '\ufeffbom',
  'bulk/get',
  'bulk/put',
  '__proto__',
  'constructor',
  '01',
  '4294967295',
  'k'.repeat(512),
  'é'.repeat(256),
  `${'🤓'.repeat(127)}abcd`,
])('%j is the same key to every operation', async key => {
  const seen = await workerd.run(async ({ KV }, name) => {
    await KV.put(name, `value of ${name}`, { metadata: name.length });
    const list = await KV.list({ prefix: name });
    const single = await KV.getWithMetadata(name);
    const bulk = [...(await KV.getWithMetadata([name, 'missing']))];
    return { list, single, bulk };
  }, key);
  const [value, metadata] = [`value of ${key}`, key.length];
  expect(seen).toEqual({
    list: { keys: [{ name: key, metadata }], list_complete: true, cacheStatus: null },
    single: { value, metadata, cacheStatus: null },
    bulk: expect.arrayContaining([
      [key, { value, metadata }],
      ['missing', null],
    ]),
  });
  expect(await freehold.keys(id)).toEqual([{ name: key, metadata }]);
  await workerd.run(({ KV }, name) => KV.delete(name), key);
  expect(await freehold.keys(id)).toEqual([]);
});

test.each(['0', '7', '4294967294'])('%j is lost by workerd in a bulk get, and only there', async key => {
  const seen = await workerd.run(async ({ KV }, name) => {
    await KV.put(name, 'value');
    const bulk = [...(await KV.get([name]))];
    const single = await KV.get(name);
    const list = (await KV.list()).keys;
    await KV.delete(name);
    return { bulk, single, list };
  }, key);
  expect(seen).toEqual({ bulk: [], single: 'value', list: [{ name: key }] });
});

test('a lone surrogate, which no UTF-8 has, is refused by the server', async () => {
  const put = workerd.run(({ KV }) => KV.put('a\ud800b', 'value'));
  await expect(put).rejects.toThrow('KV PUT failed: 400 Could not URL-decode key name');
  const read = workerd.run(({ KV }) => KV.get('a\ud800b'));
  await expect(read).rejects.toThrow('KV GET failed: 400 Could not URL-decode key name');
  expect(await freehold.keys(id)).toEqual([]);
});

test.each([
  ['', 'Key name cannot be empty.'],
  ['.', '"." is not allowed as a key name.'],
  ['..', '".." is not allowed as a key name.'],
  ['k'.repeat(513), 'KV GET failed: 414 UTF-8 encoded length of 513 exceeds key length limit of 512.'],
])('%j is refused by workerd itself', async (key, text) => {
  await expect(workerd.run(({ KV }, name) => KV.get(name), key)).rejects.toThrow(text);
});

test.each([
  ['', '400 Key names must not be empty'],
  ['.', '400 Illegal key name ".". Please use a different name.'],
  ['..', '400 Illegal key name "..". Please use a different name.'],
  ['k'.repeat(513), '414 UTF-8 encoded length of 513 exceeds key length limit of 512.'],
  ['é'.repeat(257), '414 UTF-8 encoded length of 514 exceeds key length limit of 512.'],
])('%j is refused by the server in a bulk get', async (key, text) => {
  const bulk = workerd.run(async ({ KV }, name) => (await KV.get([name])).size, key);
  await expect(bulk).rejects.toThrow(`KV GET_BULK failed: ${text}`);
});

/** get and getWithMetadata of many keys, through the real workerd. */
import { beforeAll, expect, test } from 'vitest';
import { useFreehold } from '../clients/freehold.fixture.ts';
import { bindingOf, useWorkerd } from './workerd.fixture.ts';

const freehold = useFreehold();
const workerd = useWorkerd(async () => ({ KV: bindingOf(freehold, await freehold.createNamespace('bulk get')) }));

const THIRTEEN_MIB = 13_631_488;

beforeAll(() =>
  workerd.run(async ({ KV }) => {
    await KV.put('text', 'é🤓', { metadata: 'a string' });
    await KV.put('json', '{"a":[1,null],"__proto__":2}', { metadata: { é: 1 } });
    await KV.put('null', 'null');
    await KV.put('empty', '');
    await KV.put('bytes', Uint8Array.of(97, 255, 98));
  }),
);

test('answers text, and null for a missing key', async () => {
  const maps = await workerd.run(async ({ KV }) => {
    const keys = ['text', 'json', 'empty', 'bytes', 'missing', 'text'];
    return [
      [...(await KV.get(keys))],
      [...(await KV.get(keys, 'text'))],
      [...(await KV.get(keys, { type: 'text' }))],
      [...(await KV.get(keys, {}))],
    ];
  });
  const values = {
    text: 'é🤓',
    json: '{"a":[1,null],"__proto__":2}',
    empty: '',
    bytes: 'a\ufffdb',
    missing: null,
  };
  for (const map of maps) {
    expect(map).toHaveLength(5);
    expect(Object.fromEntries(map)).toEqual(values);
  }
});

test('answers JSON, parsed', async () => {
  const maps = await workerd.run(async ({ KV }) => [
    [...(await KV.get(['json', 'null', 'missing'], 'json'))],
    [...(await KV.get(['json', 'null', 'missing'], { type: 'json' }))],
  ]);
  for (const map of maps) {
    expect(new Map(map)).toEqual(
      new Map([
        ['json', JSON.parse('{"a":[1,null],"__proto__":2}')],
        ['null', null],
        ['missing', null],
      ]),
    );
  }
});

test('answers metadata beside values', async () => {
  const maps = await workerd.run(async ({ KV }) => [
    [...(await KV.getWithMetadata(['text', 'empty', 'missing']))],
    [...(await KV.getWithMetadata(['json', 'null'], 'json'))],
  ]);
  expect(maps.map(map => Object.fromEntries(map))).toEqual([
    { text: { value: 'é🤓', metadata: 'a string' }, empty: { value: '', metadata: null }, missing: null },
    {
      json: { value: JSON.parse('{"a":[1,null],"__proto__":2}'), metadata: { é: 1 } },
      null: { value: null, metadata: null },
    },
  ]);
});

test('takes a hundred keys', async () => {
  const found = await workerd.run(async ({ KV }) => {
    const keys = Array.from({ length: 100 }, (_, index) => `k${index}`);
    return [...(await KV.get(keys))];
  });
  expect(found.toSorted()).toEqual(Array.from({ length: 100 }, (_, index) => [`k${index}`, null]).toSorted());
});

test('takes keys of 512 bytes, a hundred of them', async () => {
  const size = await workerd.run(async ({ KV }) => {
    const keys = Array.from({ length: 100 }, (_, index) => `${index}${'🤓'.repeat(127)}`);
    return (await KV.get(keys)).size;
  });
  expect(size).toBe(100);
});

test('refuses a hundred and one keys, and none', async () => {
  const many = workerd.run(async ({ KV }) => (await KV.get(Array.from({ length: 101 }, (_, n) => `k${n}`))).size);
  await expect(many).rejects.toThrow('KV GET_BULK failed: 400 You can request a maximum of 100 keys');
  const none = workerd.run(async ({ KV }) => (await KV.get([])).size);
  await expect(none).rejects.toThrow('KV GET_BULK failed: 400 You must request a minimum of 1 key');
});

test('refuses JSON where one of the values is none', async () => {
  const read = workerd.run(async ({ KV }) => (await KV.get(['json', 'text'], 'json')).size);
  const text = 'KV GET_BULK failed: 400 At least one of the requested keys corresponds to a non-json value';
  await expect(read).rejects.toThrow(text);
});

test.each(['arrayBuffer', 'stream', 'banana'])('refuses the type %s', async type => {
  // The types of the binding allow only text and JSON, and a user without them anything.
  const options = JSON.stringify({ type });
  const read = workerd.run(async ({ KV }, asked) => (await KV.get(['text'], JSON.parse(asked))).size, options);
  await expect(read).rejects.toThrow(`KV GET_BULK failed: 400 "${type}" is not a valid type. Use "json" or "text"`);
});

test('answers 25 MiB of values, and refuses more', async () => {
  await workerd.run(async ({ KV }, bytes) => {
    for (const key of ['half', 'other half']) await KV.put(key, 'x'.repeat(bytes));
    await KV.put('rest', 'x'.repeat(26_214_400 - bytes));
  }, THIRTEEN_MIB);
  const lengths = await workerd.run(async ({ KV }) =>
    [...(await KV.get(['half', 'rest'])).values()].map(value => value?.length),
  );
  expect(lengths.toSorted()).toEqual([26_214_400 - THIRTEEN_MIB, THIRTEEN_MIB]);
  const more = workerd.run(async ({ KV }) => (await KV.get(['half', 'other half'])).size);
  await expect(more).rejects.toThrow('KV GET_BULK failed: 413 Total size of request exceeds the limit of 25MB');
});

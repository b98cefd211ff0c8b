/** A real data set, written by the real wrangler: every media type that mime-db knows. */

import mimeTypes from 'mime-db/db.json' with { type: 'json' };
import { beforeAll, expect, test } from 'vitest';
import { useFreehold } from './freehold.fixture.ts';
import { on, useWrangler } from './wrangler.fixture.ts';

const freehold = useFreehold();
const wrangler = useWrangler(freehold);

interface MimeType {
  readonly source?: string;
  readonly charset?: string;
  readonly compressible?: boolean;
  readonly extensions?: readonly string[];
}

const entries: [string, MimeType][] = Object.entries(mimeTypes);
const pairs = entries.map(([key, type]) => {
  const { source } = type;
  return { key, value: JSON.stringify(type), ...(source !== undefined && { metadata: { source } }) };
});
const keys = pairs.map(({ key }) => key);
let id: string;

beforeAll(async () => {
  id = await freehold.createNamespace('media types');
  await wrangler.output('kv', 'bulk', 'put', await wrangler.jsonFile('types.json', pairs), ...on(id));
});

test('the data set is the size it should be', () => {
  expect(pairs.length).toBeGreaterThan(2_500);
  expect(pairs.filter(pair => 'metadata' in pair).length).toBeGreaterThan(1_000);
});

test('every pair comes back byte for byte by bulk get', async () => {
  const found: Record<string, string | null> = {};
  for (let start = 0; start < keys.length; start += 100) {
    Object.assign(found, await freehold.bulkGet(id, keys.slice(start, start + 100)));
  }
  expect(found).toEqual(Object.fromEntries(pairs.map(({ key, value }) => [key, value])));
});

test('every pair comes back byte for byte by itself', async () => {
  for (let start = 0; start < pairs.length; start += 50) {
    const some = pairs.slice(start, start + 50);
    const values = await Promise.all(some.map(({ key }) => freehold.value(id, key)));
    expect(values.map(String)).toEqual(some.map(({ value }) => value));
  }
});

test('wrangler lists every one of them in byte order, with its metadata', async () => {
  const expected = pairs
    .map(({ key, metadata }) => (metadata === undefined ? { name: key } : { name: key, metadata }))
    .toSorted((left, right) => Buffer.compare(Buffer.from(left.name), Buffer.from(right.name)));
  expect(JSON.parse(await wrangler.output('kv', 'key', 'list', ...on(id)))).toEqual(expected);
});

test('wrangler deletes all that a file names', async () => {
  const [kept, ...rest] = keys.toSorted();
  await wrangler.output('kv', 'bulk', 'delete', await wrangler.jsonFile('rest.json', rest), '--force', ...on(id));
  expect((await freehold.keys(id)).map(({ name }) => name)).toEqual([kept]);
});

/** On one server every client reads what every other one wrote. */
import { beforeAll, describe, expect, test } from 'vitest';
import { remoteOf, useMiniflare } from '../binding/miniflare.fixture.ts';
import { bindingOf, useWorkerd } from '../binding/workerd.fixture.ts';
import { FULL_PARTICIPANTS, PARTICIPANTS, type Programs } from './cross-participants.fixture.ts';
import { useFreehold } from './freehold.fixture.ts';
import { useWrangler } from './wrangler.fixture.ts';

const freehold = useFreehold();
const wrangler = useWrangler(freehold);
let namespace: string;
const workerd = useWorkerd(async () => {
  namespace = await freehold.createNamespace('shared');
  return { KV: bindingOf(freehold, namespace) };
});
const miniflare = useMiniflare(async () => ({ KV: remoteOf(freehold, namespace) }));

const ALL = Object.entries(PARTICIPANTS);
const FULL = Object.entries(FULL_PARTICIPANTS);
const EXPIRATION = Math.floor(Date.now() / 1000) + 86_400;
const BYTES = Uint8Array.of(0, 255, 254, 10, 13, 26, 127, 128, 195, 40);
let programs: Programs;

// No client takes these keys for something else.
const textKey = (writer: string) => `${writer}, text`;
const bytesKey = (writer: string) => `${writer}, bytes`;
const textOf = (writer: string) => `written by ${writer}: zwölf ☕ 👩‍🚀`;
const metadataOf = (writer: string) => ({ by: writer, é: ['🤓', null] });

beforeAll(async () => {
  programs = { freehold, namespace, workerd, miniflare, wrangler };
  for (const [name, open] of ALL) {
    const extras = { metadata: metadataOf(name), expiration: EXPIRATION };
    await open(programs).writeText(textKey(name), textOf(name), extras);
  }
  for (const [name, open] of FULL) await open(programs).writeBytes(bytesKey(name), BYTES);
});

describe.each(ALL)('%s reads the text', (_, open) => {
  test.each(ALL)('that %s wrote', async writer => {
    expect(await open(programs).readText(textKey(writer))).toBe(textOf(writer));
  });
});

describe.each(FULL)('%s reads the bytes', (_, open) => {
  test.each(FULL)('that %s wrote', async writer => {
    expect(await open(programs).readBytes(bytesKey(writer))).toEqual(Buffer.from(BYTES));
  });
});

test.each(FULL)('%s lists keys, metadata and expirations of all', async (_, open) => {
  const texts = FULL.map(([name]) => ({
    name: textKey(name),
    expiration: EXPIRATION,
    metadata: metadataOf(name),
  }));
  const bytes = FULL.map(([name]) => ({ name: bytesKey(name) }));
  const keys = [...texts, ...bytes, { name: textKey('unstorage') }];
  expect(await open(programs).list()).toEqual(keys.toSorted((left, right) => (left.name < right.name ? -1 : 1)));
});

test('every client deletes what the one before it wrote', async () => {
  for (const [index, [, open]] of ALL.entries()) {
    const [before] = ALL.at(index - 1) ?? [''];
    await open(programs).delete(textKey(before));
    await open(programs).delete(bytesKey(before));
  }
  expect(await freehold.keys(namespace)).toEqual([]);
});

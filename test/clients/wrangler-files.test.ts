/** The files that wrangler writes and reads pairs in bulk by, and those of `freehold export` and `freehold import`. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freehold as run } from '../../server/src/cli/process.fixture.ts';
import { TOKEN, useFreehold } from './freehold.fixture.ts';
import { on, useWrangler } from './wrangler.fixture.ts';

const freehold = useFreehold();
const wrangler = useWrangler(freehold);

const IN_A_YEAR = Math.floor(Date.now() / 1_000) + 31_536_000;
const ITEMS = [
  { key: 'text', value: 'a "text"\n' },
  { key: 'bytes', value: 'AP8=', base64: true },
  { key: 'described', value: '', metadata: { a: [1] }, expiration: IN_A_YEAR },
  { key: 'ü/😀', value: 'ü' },
];

async function command(...argv: string[]): Promise<void> {
  const environment = { FREEHOLD_TOKEN: TOKEN, FREEHOLD_SERVER: freehold.url, XDG_CONFIG_HOME: '/missing' };
  const { code, stderr } = await run(argv, environment);
  expect(code, stderr).toBe(0);
}

async function expectItems(id: string): Promise<void> {
  expect(await freehold.keys(id)).toEqual([
    { name: 'bytes' },
    { name: 'described', expiration: IN_A_YEAR, metadata: { a: [1] } },
    { name: 'text' },
    { name: 'ü/😀' },
  ]);
  expect(await freehold.value(id, 'bytes')).toEqual(Buffer.from([0, 0xff]));
  expect(await freehold.value(id, 'text')).toEqual(Buffer.from('a "text"\n'));
  expect(await freehold.value(id, 'ü/😀')).toEqual(Buffer.from('ü'));
}

test('a file for wrangler kv bulk put is imported', async () => {
  const id = await freehold.createNamespace('imported');
  const name = await wrangler.jsonFile('for-wrangler.json', ITEMS);
  await command('import', id, join(wrangler.directory, name));
  await expectItems(id);
});

test('what was exported as json goes through wrangler kv bulk put, and its keys through kv bulk delete', async () => {
  const [from, to] = [await freehold.createNamespace('from'), await freehold.createNamespace('to')];
  await command('import', from, join(wrangler.directory, await wrangler.jsonFile('source.json', ITEMS)));
  await command('export', from, '--to', join(wrangler.directory, 'pairs.json'), '--format', 'json');
  await wrangler.output('kv', 'bulk', 'put', 'pairs.json', ...on(to));
  await expectItems(to);
  await command('export', from, '--to', join(wrangler.directory, 'keys.json'), '--format', 'json', '--keys');
  await wrangler.output('kv', 'bulk', 'delete', 'keys.json', '--force', ...on(to));
  expect(await freehold.keys(to)).toEqual([]);
});

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../../server/src/cli/process.fixture.ts';
import { useFreehold } from '../clients/freehold.fixture.ts';
import { Commands } from './commands.fixture.ts';
import { UnrulyProxy } from './unruly-proxy.fixture.ts';

const freehold = useFreehold();
const commands = new Commands(freehold);

const PAIRS = ['a1', 'a2', 'b1'].map((key, index) => ({
  key,
  value: Buffer.from(`value of ${key}`),
  metadata: { number: index, name: 'x,y' },
}));

describe('to standard output', () => {
  test('there is nothing but the pairs, a line each, and the rest is on standard error', async () => {
    const { code, stdout, stderr } = await commands.run('export', await commands.namespace(PAIRS));
    expect(code).toBe(0);
    expect(
      stdout
        .split('\n')
        .slice(0, -1)
        .map(line => JSON.parse(line)),
    ).toEqual(PAIRS.map(({ value, ...rest }) => ({ ...rest, value: value.toString() })));
    expect(stderr).toMatch(/^exporting "\w+": 3 pairs in .*\n$/);
  });

  test.each([
    [['--keys'], '"a1"\n"a2"\n"b1"\n'],
    [['--keys', '--format', 'json'], '[\n"a1",\n"a2",\n"b1"\n]\n'],
    [['--keys', '--prefix', 'a'], '"a1"\n"a2"\n'],
    [['--keys', '--prefix', 'none'], ''],
    [['--keys', '--prefix', 'none', '--format', 'json'], '[]\n'],
    [['--keys', '--where', 'metadata.number=1'], '"a2"\n'],
    [['--keys', '--where', 'metadata.name=x,y', '--where', 'metadata.number!=1'], '"a1"\n"b1"\n'],
  ])('%j', async (flags, stdout) => {
    expect(await commands.run('export', await commands.namespace(PAIRS), ...flags)).toMatchObject({ code: 0, stdout });
  });
});

describe('to a folder', () => {
  test('several namespaces go into a file each, and come back from there', async () => {
    const folder = join(await temporaryDirectory(), 'folder');
    const [one, other] = [await commands.namespace(PAIRS), await commands.namespace(PAIRS.slice(1))];
    const exported = await commands.run('export', one, other, '--to', folder);
    expect(exported, exported.stderr).toMatchObject({ code: 0, stdout: '' });
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
    expect(manifest).toMatchObject({
      format: 1,
      from: freehold.url,
      namespaces: [{ id: one, pairs: 3 }, { id: other }],
    });
    await commands.remove(one);
    const missing = await commands.run('import', folder);
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('make it by --create') });
    const imported = await commands.run('import', folder, '--create');
    expect(imported, imported.stderr).toMatchObject({ code: 0 });
    expect(await commands.pairs(one)).toEqual(PAIRS);
    expect(await commands.pairs(other)).toEqual(PAIRS.slice(1));
  });

  test('a file that has changed since is found before anything is written', async () => {
    const folder = join(await temporaryDirectory(), 'folder');
    const id = await commands.namespace(PAIRS);
    await commands.run('export', id, '--to', `${folder}/`);
    const [file = ''] = (await readdir(folder)).filter(name => name.endsWith('.jsonl'));
    await writeFile(join(folder, file), '{"key":"other","value":""}\n');
    const { code, stderr } = await commands.run('import', folder);
    expect(stderr).toContain('its SHA-256 differs from the one in manifest.json');
    expect(code).toBe(1);
    expect(await commands.pairs(id)).toEqual(PAIRS);
  });

  test('one that did not come to its end is refused', async () => {
    const folder = await temporaryDirectory();
    const { code, stderr } = await commands.run('import', folder);
    expect(stderr).toContain(`${folder} has no manifest.json`);
    expect(code).toBe(1);
  });
});

test('a file is not replaced unless --force says so', async () => {
  const path = join(await temporaryDirectory(), 'pairs.jsonl');
  const id = await commands.namespace(PAIRS);
  await writeFile(path, 'mine');
  const { code, stderr } = await commands.run('export', id, '--to', path);
  expect(stderr).toContain('is there already');
  expect(code).toBe(1);
  expect(await readFile(path, 'utf8')).toBe('mine');
  const forced = await commands.run('export', id, '--to', path, '--force', '--json');
  expect(JSON.parse(forced.stdout)).toMatchObject({ id, file: path, pairs: 3 });
});

test('an export that is cut off is a failure, and leaves no file', async () => {
  const id = await commands.namespace(
    Array.from({ length: 200 }, (_, index) => ({ key: `key ${index}`, value: Buffer.alloc(20_000, 'v') })),
  );
  await using proxy = await UnrulyProxy.start(freehold.url, path =>
    path.endsWith('/export') ? { cutAfterBytes: 1_000_000 } : undefined,
  );
  const directory = await temporaryDirectory();
  for (const to of [join(directory, 'pairs.jsonl'), join(directory, 'pairs.json.gz')]) {
    const { code, stderr } = await commands.run('export', id, '--to', to, '--server', proxy.url);
    expect(stderr).toContain(`the export of ${id} was cut off: `);
    expect(code).toBe(1);
  }
  const piped = await commands.run('export', id, '--server', proxy.url);
  expect(piped.code).toBe(1);
  expect(await readdir(directory)).toEqual([]);
});

test.each([
  [['export'], 'export needs a NAMESPACE, its id or its title, or --all'],
  [['export', 'a', 'b'], 'several namespaces need --to with a folder'],
  [['export', '--all', 'a'], '--all takes no namespaces beside it'],
  [['export', 'a', '--json'], '--json needs --to'],
  [['export', 'a', '--format', 'csv'], '--format must be one of jsonl, json'],
])('%j is refused with exit code 2', async (argv, text) => {
  const { code, stderr } = await commands.run(...argv);
  expect(stderr).toContain(text);
  expect(code).toBe(2);
});

/** The package `@freehold/client` as a user gets it, on the oldest Node that it allows. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serve, temporaryDirectory } from '../../server/src/cli/process.fixture.ts';
import { setUpMachine } from './machine.fixture.ts';

const ROOT = new URL('../../', import.meta.url);
const TOKEN = 'given-by-the-operator';
const OLDEST = { node: '22.0', npm: '10.5' };

let directory: string;
let tarball: string;
let contents: string[];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'freehold-package-'));
  const argv = ['pack', '--workspace', 'client', '--json', '--pack-destination', directory];
  const [packed] = JSON.parse(execFileSync('npm', argv, { cwd: ROOT, encoding: 'utf8' }));
  tarball = join(directory, packed.filename);
  contents = packed.files.map(({ path }: { path: string }) => path);
});

afterAll(() => rm(directory, { recursive: true }));

test('holds code with its types, and nothing that is there for tests', () => {
  const others = contents.filter(path => !path.startsWith('dist/'));
  expect(others.toSorted()).toEqual(['LICENSE', 'README.md', 'package.json']);
  expect(contents).toEqual(expect.arrayContaining(['dist/index.js', 'dist/index.d.ts']));
  expect(contents.filter(path => /test|fixture/.test(path))).toEqual([]);
});

test('brings nothing along, and works on the oldest Node that it allows', async () => {
  const { engines, dependencies } = JSON.parse(await readFile(new URL('client/package.json', ROOT), 'utf8'));
  expect(`${engines.node}.0`).toBe(`>=${OLDEST.node}`);
  expect(dependencies).toBeUndefined();

  const data = join(await temporaryDirectory(), 'data');
  const { url } = await serve(['--data', data], { FREEHOLD_TOKEN: TOKEN });
  const namespace = '0123456789abcdef0123456789abcdef';
  const created = await fetch(`${url}/client/v4/accounts/${'0'.repeat(32)}/storage/kv/namespaces`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({ title: 'packed', id: namespace }),
  });
  expect(created.status).toBe(200);

  const app = join(directory, 'app');
  await mkdir(app);
  const machine = await setUpMachine(directory, OLDEST);
  await machine.run(app, 'npm', 'install', tarball);
  const options = JSON.stringify({ url, namespace, token: TOKEN });
  const script = `
    import { connect } from '@freehold/client';
    const kv = connect(${options});
    await kv.putMany([{ key: 'a', value: 'é' }, { key: 'b', value: new Uint8Array([1, 2]) }]);
    await kv.put('c', new Blob(['streamed']).stream(), { metadata: { n: 1 } });
    const names = [];
    for await (const { name, metadata } of kv.keys()) names.push([name, metadata]);
    const values = [await kv.get('a'), (await kv.get('b', 'arrayBuffer')).byteLength, await kv.get('c')];
    console.log(JSON.stringify({ node: process.version, names, values }));`;
  await writeFile(join(app, 'app.mjs'), script);
  expect(JSON.parse(await machine.run(app, 'node', 'app.mjs'))).toEqual({
    node: expect.stringMatching(/^v22\.0\./),
    names: [
      ['a', null],
      ['b', null],
      ['c', { n: 1 }],
    ],
    values: ['é', 2, 'streamed'],
  });
});

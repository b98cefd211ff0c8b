/** The npm package as a user gets it: what it holds, and that it installs and serves away from the checkout. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Running, temporaryDirectory } from '../../server/src/cli/process.fixture.ts';
import { type Machine, setUpMachine } from './machine.fixture.ts';

const ROOT = new URL('../../', import.meta.url);
const TOKEN = 'given-by-the-operator';
const NAMESPACES = '/client/v4/accounts/00000000000000000000000000000001/storage/kv/namespaces';

let directory: string;
let tarball: string;
let contents: string[];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'freehold-package-'));
  const argv = ['pack', '--workspace', 'server', '--json', '--pack-destination', directory];
  const [packed] = JSON.parse(execFileSync('npm', argv, { cwd: ROOT, encoding: 'utf8' }));
  tarball = join(directory, packed.filename);
  contents = packed.files.map(({ path }: { path: string }) => path);
});

afterAll(() => rm(directory, { recursive: true }));

test('holds what runs, and nothing that is there for tests', () => {
  const scripts = contents.filter(path => path.startsWith('dist/'));
  const others = contents.filter(path => !path.startsWith('dist/'));
  expect(others.toSorted()).toEqual(['LICENSE', 'README.md', 'package.json']);
  expect(scripts).toEqual(
    expect.arrayContaining(
      ['main', 'serving-thread', 'writer-thread', 'log-copier-thread', 'backup-process'].map(
        name => `dist/${name}.cjs`,
      ),
    ),
  );
  expect(scripts.filter(path => !path.endsWith('.cjs') || /test|fixture|conformance/.test(path))).toEqual([]);
});

/** The oldest Node that package.json allows and the one of the checkout, each with the npm that came with it. */
const MACHINES = [
  { node: '22.14', npm: '10.9.2' },
  { node: '24', npm: '11' },
];

test('the oldest Node that is tried is the oldest that package.json allows', async () => {
  const { engines } = JSON.parse(await readFile(new URL('server/package.json', ROOT), 'utf8'));
  expect(engines.node).toBe(`>=${MACHINES[0]?.node}`);
});

describe.each(MACHINES)('on Node $node, without Python, a compiler and any npm setting', versions => {
  let machine: Machine;
  let app: string;

  beforeAll(async () => {
    app = join(directory, versions.node, 'app');
    await mkdir(app, { recursive: true });
    machine = await setUpMachine(join(directory, versions.node), versions);
    await machine.run(app, 'npm', 'install', tarball);
  });

  test('npx freehold serves after npm install', async () => {
    expect(await machine.run(app, 'node', '--version')).toContain(`v${versions.node}.`);
    await expectToServe(app, machine);
  });

  test('and after npm ci --ignore-scripts with the lockfile of that install', async () => {
    await machine.run(app, 'npm', 'ci', '--ignore-scripts');
    await expectToServe(app, machine);
  });

  test('and after npm ci where .npmrc turns install scripts off', async () => {
    await writeFile(join(app, '.npmrc'), 'ignore-scripts=true\n');
    await machine.run(app, 'npm', 'ci');
    await expectToServe(app, machine);
  });
});

/** Starts a server on new data, writes to it, reads it back, backs it up, and stops it. */
async function expectToServe(app: string, machine: Machine): Promise<void> {
  const { environment } = machine;
  const data = join(await temporaryDirectory(), 'data');
  const command = `cd '${app}' && exec npx --no-install freehold serve --port 0 --data '${data}'`;
  const running = new Running('sh', ['-c', command], { ...environment, FREEHOLD_TOKEN: TOKEN });
  const [, pid, url = ''] = await running.output(/"pid":(\d+).*"url":"(http:[^"]+)".*"msg":"listening"/);
  onTestFinished(() => endIfRunning(Number(pid)));

  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  const { id } = await call(url, 'POST', NAMESPACES, { title: 'packed' });
  const pairs = Array.from({ length: 100 }, (_, index) => ({ key: `key-${index}`, value: `value ${index}` }));
  const written = await call(url, 'PUT', `${NAMESPACES}/${id}/bulk`, pairs);
  expect(written).toMatchObject({ successful_key_count: 100 });
  const { values } = await call(url, 'POST', `${NAMESPACES}/${id}/bulk/get`, { keys: pairs.map(({ key }) => key) });
  expect(values).toEqual(Object.fromEntries(pairs.map(({ key, value }) => [key, value])));

  const backup = join(dirname(data), 'backup.db');
  await machine.run(app, 'npx', '--no-install', 'freehold', 'backup', backup, '--data', data);
  expect(await machine.run(app, 'npx', '--no-install', 'freehold', 'verify', backup)).toContain('Whole: 100 pairs');

  // The server itself: npx would end, and leave it behind.
  process.kill(Number(pid), 'SIGTERM');
  const { code, stdout } = await running.finished;
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/"msg":"stopped"\}\n$/) });
}

function endIfRunning(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

async function call(url: string, method: string, path: string, body: unknown): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  const response = await fetch(url + path, { method, headers, body: JSON.stringify(body) });
  expect(response.status).toBe(200);
  return ((await response.json()) as { result: Record<string, unknown> }).result;
}

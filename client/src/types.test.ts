/** The package's types as its users' compilers see them: what is emitted, with all of its declarations checked. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const CLIENT = fileURLToPath(new URL('../', import.meta.url));
const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url));
const TSC = join(MODULES, '.bin/tsc');
const TYPES_OF_OTHERS = ['@types/node', 'undici-types', '@cloudflare/workers-types'];

let packages: string;

beforeAll(async () => {
  packages = join(await mkdtemp(join(tmpdir(), 'freehold-types-')), 'node_modules');
  const installed = join(packages, '@freehold/client');
  await mkdir(installed, { recursive: true });
  await cp(join(CLIENT, 'package.json'), join(installed, 'package.json'));
  expect(await compile(['-p', join(CLIENT, 'tsconfig.build.json'), '--outDir', join(installed, 'dist')])).toBe('');
  for (const name of TYPES_OF_OTHERS) {
    await mkdir(join(packages, name, '..'), { recursive: true });
    await symlink(join(MODULES, name), join(packages, name));
  }
});

afterAll(() => rm(join(packages, '..'), { recursive: true }));

const PROJECTS = {
  'of Node, with @types/node': { lib: ['es2022'], types: ['node'], globals: false },
  'of a browser, with lib.dom': {
    lib: ['es2022', 'dom', 'dom.iterable', 'dom.asynciterable'],
    types: [],
    globals: false,
  },
  'of Workers, with workers-types as its globals': {
    lib: ['es2022'],
    types: ['@cloudflare/workers-types'],
    globals: true,
  },
};

test.each(Object.entries(PROJECTS))('is a KVNamespace in a project %s', async (_, { lib, types, globals }) => {
  const project = await mkdtemp(join(packages, '../project-'));
  const source = await readFile(join(CLIENT, 'src/consumer.fixture.ts'), 'utf8');
  const imported = /^import type \{ KVNamespace \} .*\n/m;
  expect(source).toMatch(imported);
  await writeFile(join(project, 'user.ts'), globals ? source.replace(imported, '') : source);
  await writeFile(join(project, 'package.json'), '{ "type": "module" }');
  const strict = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true };
  const compilerOptions = { ...strict, target: 'es2022', module: 'nodenext', lib, types };
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  expect(await compile(['-p', project])).toBe('');
});

/** What the compiler complains of. */
function compile(argv: readonly string[]): Promise<string> {
  return new Promise(resolve => {
    execFile(TSC, ['--pretty', 'false', ...argv], (_, stdout, stderr) => resolve(stdout + stderr));
  });
}

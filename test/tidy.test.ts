/** Rules of the code base that neither the compiler nor the linter can hold. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';

interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const ROOT = new URL('../', import.meta.url);
const files = listFiles();
const sources = files.filter(({ path }) => /\.[jt]s$/.test(path));
const shipped = sources.filter(({ path }) => /^(client|server)\/src\//.test(path) && !isForTests(path));

/** What is tracked, and what is about to be. */
function listFiles(): SourceFile[] {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'];
  const paths = execFileSync('git', list, { cwd: ROOT, encoding: 'utf8' }).split('\0').filter(Boolean);
  return paths.flatMap(path => {
    const text = readIfThere(path);
    return text === undefined || text.includes('\0') ? [] : [{ path, text }];
  });
}

/** A file that was deleted but is still tracked has no text. */
function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(new URL(path, ROOT), 'utf8');
  } catch {
    return undefined;
  }
}

function isForTests(path: string): boolean {
  return /\.(test|fixture)\.ts$/.test(path) || isConformance(path);
}

function isConformance(path: string): boolean {
  return /^server\/src\/engine\/conformance[./]/.test(path);
}

describe('dependencies point inwards', () => {
  /** Folder of server/src → what its files may import of it; `[^/]+\.ts` are the files that lie in no folder. */
  const MAY_IMPORT: Record<string, RegExp> = {
    kv: /^kv\//,
    engine: /^(kv|engine)\//,
    http: /^(kv|http)\/|^(tokens|audit|node-http|process-limits)\.ts$/,
    config: /^(kv|config)\/|^[^/]+\.ts$/,
    connect: /^(kv|connect)\/|^options\.ts$/,
    backup: /^(kv|backup)\/|^[^/]+\.ts$/,
    admin: /^(kv|config|connect|backup|admin)\/|^[^/]+\.ts$/,
    doctor: /^(kv|backup|admin|doctor)\/|^[^/]+\.ts$/,
    remote: /^(kv|config|connect|admin|remote)\/|^[^/]+\.ts$/,
    transfer: /^(kv|remote|transfer)\/|^[^/]+\.ts$/,
    cli: /^(kv|config|connect|backup|admin|doctor|remote|transfer|cli)\/|^[^/]+\.ts$/,
  };

  test.each(Object.entries(MAY_IMPORT))('%s', (folder, allowed) => {
    const inFolder = shipped.filter(({ path }) => path.startsWith(`server/src/${folder}/`));
    expect(inFolder).not.toHaveLength(0);
    expect(importsOf(inFolder).filter(({ to }) => !allowed.test(to.replace('server/src/', '')))).toEqual([]);
  });

  test('every folder has its rule', () => {
    const folders = shipped.flatMap(({ path }) => /^server\/src\/([^/]+)\//.exec(path)?.[1] ?? []);
    expect(Object.keys(MAY_IMPORT)).toEqual(expect.arrayContaining(folders));
  });

  test('an engine imports no other engine', () => {
    const engineOf = (path: string) => /^server\/src\/engine\/([^/]+)\//.exec(path)?.[1];
    const across = importsOf(shipped).filter(({ from, to }) => {
      const [here, there] = [engineOf(from), engineOf(to)];
      return here !== undefined && there !== undefined && here !== there;
    });
    expect(across).toEqual([]);
  });

  test("only the engines' tests import the conformance suite", () => {
    const users = importsOf(sources).filter(({ from, to }) => isConformance(to) && !isConformance(from));
    expect(users.filter(({ from }) => !/^server\/src\/engine\/.*\.test\.ts$/.test(from))).toEqual([]);
  });

  test('the client imports nothing but itself, and the server nothing of it', () => {
    const inClient = (path: string) => path.startsWith('client/src/');
    const client = shipped.filter(({ path }) => inClient(path));
    expect(client).not.toHaveLength(0);
    expect(client.flatMap(({ text }) => imports(text)).filter(name => !name.startsWith('./'))).toEqual([]);
    expect(importsOf(shipped).filter(({ from, to }) => inClient(to) && !inClient(from))).toEqual([]);
  });

  test('nothing that ships imports what is there for tests', () => {
    expect(importsOf(shipped).filter(({ to }) => isForTests(to))).toEqual([]);
  });
});

function importsOf(of: readonly SourceFile[]): { from: string; to: string }[] {
  return of.flatMap(({ path, text }) =>
    imports(text)
      .filter(name => name.startsWith('.'))
      .map(to => ({ from: path, to: posix.join(posix.dirname(path), to) })),
  );
}

function imports(text: string): string[] {
  return [...text.matchAll(/\b(?:from|import)\s*\(?\s*'([^']*)'/g)].map(([, name = '']) => name);
}

test('files stay short enough to read', () => {
  const LINES_MAX = 320;
  const LINES_MAX_OF_TABLES_AND_TESTS = 600;
  const TABLES = ['server/src/kv/errors.ts', 'server/src/options.ts'];
  const tooLong = sources.filter(({ path, text }) => {
    const roomy = TABLES.includes(path) || !shipped.some(file => file.path === path);
    return text.split('\n').length > (roomy ? LINES_MAX_OF_TABLES_AND_TESTS : LINES_MAX);
  });
  expect(tooLong.map(({ path }) => path)).toEqual([]);
});

test('no check is switched off in place', () => {
  const SWITCH = /@ts-(?:ignore|nocheck|expect-error)|biome-(?:ignore)|eslint-(?:disable)/;
  expect(sources.filter(({ text }) => SWITCH.test(text)).map(({ path }) => path)).toEqual([]);
});

test('nothing names a package registry or a place on one machine', () => {
  const REGISTRY = /"resolved": "(?:http)|\/\/[\w.-]*(?:registry|artifactory|nexus|verdaccio)[\w-]*\./i;
  const PLACE = /(?<![\w./:-])\/(?:home|Users|root|work)\/\w/;
  const found = files.filter(({ text }) => REGISTRY.test(text) || PLACE.test(text));
  expect(found.map(({ path }) => path)).toEqual([]);
});

test('what the package brings along has a permissive licence', () => {
  const PERMISSIVE = ['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'];
  interface Locked {
    readonly dev?: boolean;
    readonly link?: boolean;
    readonly license?: string;
  }
  const lock = JSON.parse(readFileSync(new URL('package-lock.json', ROOT), 'utf8'));
  const packages = Object.entries<Locked>(lock.packages).filter(([, { dev, link }]) => !dev && !link);
  const others = packages.filter(([, { license }]) => license === undefined || !PERMISSIVE.includes(license));
  expect(packages.length).toBeGreaterThan(1);
  expect(others.map(([name, { license }]) => `${name}: ${license}`)).toEqual([]);
});

/** What deploy/docker builds, as far as it can be tried without a container: the image's own steps, in directories in the place of its root. */
import { execFile, execFileSync } from 'node:child_process';
import { chmod, chown, cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { Running } from '../../server/src/cli/process.fixture.ts';

const execute = promisify(execFile);
const ROOT = new URL('../../', import.meta.url);
const DOCKERFILE = 'deploy/docker/Dockerfile';
const USER = 1000;

interface Instruction {
  readonly name: string;
  readonly text: string;
}

let stages: Instruction[][];
/** Holds the file system of each stage. */
let directory: string;

beforeAll(async () => {
  const lines = (await readFile(new URL(DOCKERFILE, ROOT), 'utf8')).split('\n');
  stages = [];
  for (const line of lines.filter(text => text !== '' && !text.startsWith('#'))) {
    const [, name = '', text = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? expect.unreachable(`what is ${line}?`);
    if (name === 'FROM') stages.push([]);
    stages.at(-1)?.push({ name, text });
  }
  directory = await mkdtemp(join(tmpdir(), 'freehold-image-'));
  // Others than its owner have to get through to the image's files.
  await chmod(directory, 0o755);
});

afterAll(() => rm(directory, { recursive: true }));

function last(name: string): string {
  return stages.at(-1)?.findLast(instruction => instruction.name === name)?.text ?? expect.unreachable(`no ${name}`);
}

describe('the Dockerfile', () => {
  test('begins with an image that is there for every architecture, and names none', () => {
    expect(stages.map(([from]) => from?.text)).toEqual(['node:24-bookworm-slim AS build', 'node:24-bookworm-slim']);
    expect(JSON.stringify(stages)).not.toMatch(/amd64|x86_64|arm64|aarch64|x64|--platform/);
  });

  test('lets nobody run as root, and starts the server itself, for signals to reach it', () => {
    expect(last('USER')).toBe(`${USER}:${USER}`);
    expect(JSON.parse(last('ENTRYPOINT'))).toEqual(['freehold']);
    expect(JSON.parse(last('CMD'))).toEqual(['serve']);
  });

  test('knows no secret', () => {
    expect(JSON.stringify(stages)).not.toMatch(/TOKEN|--mount=type=secret|\bARG\b/);
  });
});

test('the image that its steps build serves as its user, and its health check tells whether it does', async () => {
  for (const [number, stage] of stages.entries()) await build(join(directory, `${number}`), stage);
  const root = join(directory, `${stages.length - 1}`);
  expect(await readdir(join(root, 'opt/freehold/server'))).toEqual(['LICENSE', 'dist', 'package.json']);
  const packages = await readdir(join(root, 'opt/freehold/node_modules'));
  expect(packages).toEqual(expect.arrayContaining(['better-sqlite3', 'pino']));
  expect(packages.filter(name => /^(wrangler|typescript|vitest|esbuild|workerd)$/.test(name))).toEqual([]);

  const environment = { ...environmentOf(root), FREEHOLD_HOST: '127.0.0.1', FREEHOLD_PORT: '0' };
  const privileged = process.getuid?.() === 0;
  if (privileged) await chown(join(root, 'data'), USER, USER);
  const asUser = privileged ? ['setpriv', `--reuid=${USER}`, `--regid=${USER}`, '--clear-groups'] : ['env'];
  const [command = '', ...argv] = [...asUser, join(root, 'usr/local/bin/freehold'), 'serve'];
  const running = new Running(command, argv, environment);
  const [, pid, url = ''] = await running.output(/"pid":(\d+).*"url":"([^"]+)".*"msg":"listening"/);
  const health = async (): Promise<number | null> => {
    const [program = '', ...words] = JSON.parse(last('HEALTHCHECK').replace(/^.* CMD /, ''));
    const there = words.map((word: string) => word.replace('http://127.0.0.1:8480', url));
    expect(there).not.toEqual(words);
    return (await new Running(program, there, environment).finished).code;
  };
  expect(await health()).toBe(0);
  process.kill(Number(pid), 'SIGTERM');
  expect((await running.finished).code).toBe(0);
  expect(await health()).toBe(1);
});

/** Runs a stage's steps, with the paths that it names in its own directory. */
async function build(root: string, stage: readonly Instruction[]): Promise<void> {
  let workdir = root;
  const there = (text: string): string => text.replace(/(?<=^|[\s=])\/(?=build|opt|data|usr)/g, `${root}/`);
  for (const { name, text } of stage) {
    if (name === 'WORKDIR') {
      workdir = there(text);
      await mkdir(workdir, { recursive: true });
    } else if (name === 'COPY') await copy(text, workdir);
    else if (name === 'RUN') {
      await mkdir(join(root, 'usr/local/bin'), { recursive: true });
      // Who builds an image is root.
      const command = process.getuid?.() === 0 ? text : text.replace(/ -o \d+ -g \d+/, '');
      await execute('sh', ['-c', there(command)], { cwd: workdir });
    } else if (name === 'ENV') environments.set(root, there(text));
  }
}

const environments = new Map<string, string>();

function environmentOf(root: string): Record<string, string> {
  const words = environments.get(root)?.split(' ') ?? [];
  const given = Object.fromEntries(words.map(word => word.split('=') as [string, string]));
  return { ...given, PATH: `${dirname(process.execPath)}:${process.env['PATH']}` };
}

async function copy(text: string, workdir: string): Promise<void> {
  const words = text.split(' ');
  const from = words[0]?.startsWith('--from=') ? join(directory, '0') : undefined;
  if (from !== undefined) words.shift();
  const to = words.pop() ?? '';
  for (const word of words) {
    const into = to.endsWith('/') ? join(workdir, to, word.split('/').at(-1) ?? '') : join(workdir, to);
    await mkdir(dirname(into), { recursive: true });
    if (from !== undefined) await cp(join(from, word), into, { recursive: true, verbatimSymlinks: true });
    else await copyTracked(word, into);
  }
}

/** What a checkout has, and not what lies in it beside. */
async function copyTracked(path: string, into: string): Promise<void> {
  const files = execFileSync('git', ['ls-files', '-z', path], { cwd: ROOT, encoding: 'utf8' }).split('\0');
  expect(files.length).toBeGreaterThan(1);
  for (const file of files.filter(Boolean)) {
    const target = file === path ? into : join(into, file.slice(path.length + 1));
    await mkdir(dirname(target), { recursive: true });
    await cp(new URL(file, ROOT), target);
  }
}

test('the compose file takes from the container what the server does not need', async () => {
  const { services, volumes } = parse(await readFile(new URL('deploy/docker/compose.yaml', ROOT), 'utf8'));
  const { freehold } = services;
  expect(Object.keys(services)).toEqual(['freehold']);
  expect(freehold).toMatchObject({
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    ports: ['127.0.0.1:8480:8480'],
    build: { dockerfile: DOCKERFILE },
  });
  expect(Object.keys(volumes)).toEqual(freehold.volumes.map((volume: string) => volume.split(':')[0]));
  expect(last('VOLUME')).toBe(freehold.volumes[0].split(':')[1]);
});

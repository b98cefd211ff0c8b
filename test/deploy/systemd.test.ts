/** The units of deploy/systemd, by systemd's own tools, and the server under what they forbid. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { Running, temporaryDirectory } from '../../server/src/cli/process.fixture.ts';

const UNITS = fileURLToPath(new URL('../../deploy/systemd/', import.meta.url));
const MAIN = fileURLToPath(new URL('../../server/src/cli/main.ts', import.meta.url));
const NAMES = ['freehold.service', 'freehold.socket'];
/** Of ten; systemd calls what is under 2 OK, and has nothing better. */
const EXPOSURE_MAX = 1.5;

let service: string;

beforeAll(async () => {
  service = await readFile(join(UNITS, 'freehold.service'), 'utf8');
});

/** Copies of the units, with a program that is there; `whole` takes in what they have as comments for those who want it. */
async function units(whole: boolean): Promise<string> {
  const directory = await temporaryDirectory();
  await cp(UNITS, directory, { recursive: true });
  for (const name of NAMES) {
    const text = await readFile(join(directory, name), 'utf8');
    const full = whole ? text.replace(/^#(?=[A-Z]\w+=)/gm, '') : text;
    await writeFile(join(directory, name), full.replace('/usr/local/bin/freehold', process.execPath));
  }
  return directory;
}

function analyze(directory: string, ...argv: string[]) {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', argv, { cwd: directory, encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}

test.each([false, true])('systemd finds nothing wrong with them; with what is in comments: %s', async whole => {
  const directory = await units(whole);
  const paths = NAMES.map(name => `./${name}`);
  expect(analyze(directory, 'verify', '--man=no', ...paths)).toEqual({ status: 0, output: '' });
});

test('little is left for the service to do harm with', async () => {
  const directory = await units(true);
  const argv = ['security', '--offline=yes', '--no-pager', `--threshold=${EXPOSURE_MAX * 10}`, './freehold.service'];
  const { status, output } = analyze(directory, ...argv);
  expect(output).toMatch(/Overall exposure level for freehold\.service: \d/);
  expect({ status, output: status === 0 ? '' : output }).toEqual({ status: 0, output: '' });
});

describe('the system calls that are let through', () => {
  /** The names in a set such as `@basic-io`, with those of the sets in it. */
  function callsOf(set: string): string[] {
    const listed = execFileSync('systemd-analyze', ['syscall-filter', '--no-pager', set], { encoding: 'utf8' });
    const names = listed.split('\n').flatMap(line => /^ {4}([@\w-]+)$/.exec(line)?.[1] ?? []);
    return names.flatMap(name => (name.startsWith('@') ? callsOf(name) : [name]));
  }

  function allowed(): string[] {
    const filters = [...service.matchAll(/^SystemCallFilter=(.*)$/gm)].map(([, filter = '']) => filter);
    expect(filters).toHaveLength(2);
    const [granted = '', withheld = ''] = filters;
    expect(withheld).toMatch(/^~/);
    const refused = new Set(withheld.slice(1).split(' ').flatMap(callsOf));
    return granted
      .split(' ')
      .flatMap(callsOf)
      .filter(name => !refused.has(name));
  }

  test('are all that the server needs', async () => {
    const names = allowed();
    expect(names).toEqual(expect.arrayContaining(['openat', 'pwrite64', 'accept4', 'io_submit']));
    expect(service).toContain('\nSystemCallErrorNumber=EPERM\n');
    const directory = await temporaryDirectory();
    // A question mark for names that this system does not know.
    const others = `!${names.map(name => `?${name}`).join(',')}`;
    const only = ['-e', `trace=${others}`, '-e', `inject=${others}:error=EPERM`];
    const strace = ['-f', '-qq', '--seccomp-bpf', '-o', join(directory, 'refused'), ...only];
    const serve = [process.execPath, MAIN, 'serve', '--port', '0', '--no-auth', '--data', join(directory, 'data')];
    const running = new Running('strace', [...strace, ...serve], {});
    const [, pid, url] = await running.output(/"pid":(\d+).*"url":"([^"]+)".*"msg":"listening"/);

    const kv = `${url}/client/v4/accounts/${'0'.repeat(32)}/storage/kv/namespaces`;
    const id = 'a'.repeat(32);
    const body = JSON.stringify({ title: 'confined', id });
    expect((await fetch(kv, { method: 'POST', body })).status).toBe(200);
    const value = 'v'.repeat(100_000);
    expect((await fetch(`${kv}/${id}/values/k`, { method: 'PUT', body: value })).status).toBe(200);
    expect(await (await fetch(`${kv}/${id}/values/k`)).text()).toBe(value);
    const pairs = Array.from({ length: 1_000 }, (_, index) => ({ key: `${index}`, value: 'v' }));
    expect((await fetch(`${kv}/${id}/bulk`, { method: 'PUT', body: JSON.stringify(pairs) })).status).toBe(200);

    process.kill(Number(pid), 'SIGTERM');
    expect((await running.finished).code).toBe(0);
    // Else nothing was held back, and nothing was shown.
    expect(await readFile(join(directory, 'refused'), 'utf8')).toContain('EPERM');
    expect(running.stdout).not.toMatch(/"level":(40|50|60),(?!.*no token is asked for)/);
  });
});

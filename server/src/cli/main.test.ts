import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { freehold, temporaryDirectory } from './process.fixture.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

describe('freehold --help', () => {
  test.each([
    ['', /Commands:\n {2}serve .*\n {2}connect .*\n {2}doctor .*\n {2}token create .*\n {2}token list /],
    ['--help', /Commands:\n {2}serve .*\n {2}connect .*\n {2}doctor .*\n {2}token create .*\n {2}token list /],
    ['token --help', /Commands:\n {2}create .*\n {2}list .*\n {2}revoke TOKEN .*\n {2}reset-root /],
    ['token create --help', /Usage: freehold token create \[flags\].*--name NAME.*--namespace NAMESPACES/s],
    ['token revoke --help', /Usage: freehold token revoke TOKEN \[flags\]/],
    [
      'serve --help',
      /Usage: freehold serve \[flags\].*--data DIR.*--threads N.*--disk-free-min SIZE.*FREEHOLD_TOKEN /s,
    ],
    ['connect --help', /Usage: freehold connect NAMESPACE \[flags\].*--for CLIENT.*\n {2}--create {2}.*default: no\]/s],
    ['login --help', /Usage: freehold login URL \[flags\].*--token-file FILE.*--profile NAME.*--ca-file FILE/s],
    ['kv --help', /Commands:\n {2}count NAMESPACE .*\n {2}put NAMESPACE KEY \[VALUE\] .*\n {2}copy FROM TO /s],
    ['kv delete --help', /Usage: freehold kv delete NAMESPACE \[KEY…\] \[flags\].*--server URL.*--from-file FILE/s],
    ['kv copy --help', /--data DIR.*--prefix P.*--to-prefix Q.*--on-conflict POLICY/s],
    ['doctor --help', /Usage: freehold doctor \[flags\].*--data DIR.*--disk-free-min SIZE/s],
    ['token reset-root --help', /Usage: freehold token reset-root \[flags\].*--data DIR/s],
  ])('freehold %s', async (line, text) => {
    const { code, stdout, stderr } = await freehold(line.split(' ').filter(Boolean));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(text);
    expect(Math.max(...stdout.split('\n').map(row => row.length))).toBeLessThanOrEqual(120);
  });
});

test.each(['--version', 'serve --version', 'token --version', 'token reset-root --version'])(
  'freehold %s prints the version of the package',
  async line => {
    expect(await freehold(line.split(' '))).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
  },
);

describe('what is wrong is named in one line, with exit code 2', () => {
  test.each([
    ['serve --prot 1', {}, '--prot'],
    ['serve --port x', {}, '--port'],
    ['serve --port', {}, '--port'],
    ['serve --listen 8480', {}, '--listen'],
    ['serve --listen unix:s --port 1', {}, '--port cannot be set beside --listen'],
    ['serve --cors-origin a.example', {}, '--cors-origin'],
    ['serve', { FREEHOLD_PORT: '99999' }, 'FREEHOLD_PORT'],
    ['serve', { FREEHOLD_TOKEN: 'short' }, 'FREEHOLD_TOKEN'],
    ['serve --token-file /nowhere/token', {}, '--token-file'],
    ['serve', { FREEHOLD_TOKEN_FILE: '/nowhere/token' }, 'FREEHOLD_TOKEN_FILE'],
    ['serve now', {}, '"now"'],
    ['server', {}, '"server"'],
    ['connect', {}, 'NAMESPACE'],
    ['connect sessions', {}, '--for'],
    ['token rotate', {}, '"token rotate"'],
    ['token create', {}, '--name'],
    ['token create --name n --expires soon', {}, '--expires'],
    ['token revoke', {}, 'TOKEN'],
    ['token reset-root --port 1', {}, '--port'],
  ] as [string, Record<string, string>, string][])('freehold %s %j', async (line, environment, name) => {
    const data = await temporaryDirectory();
    const result = await freehold(line.split(' '), { FREEHOLD_DATA: data, ...environment });
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(/^freehold: .*\n$/);
    expect(result.stderr).toContain(name);
    expect(result.stderr).toContain('--help');
  });
});

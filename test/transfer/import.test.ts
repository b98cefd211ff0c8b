import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Running, temporaryDirectory } from '../../server/src/cli/process.fixture.ts';
import { useFreehold } from '../clients/freehold.fixture.ts';
import { ACCOUNT, Commands } from './commands.fixture.ts';
import { UnrulyProxy } from './unruly-proxy.fixture.ts';

const freehold = useFreehold();
const commands = new Commands(freehold);

const pair = (key: string, value = 'v') => ({ key, value: Buffer.from(value) });

async function file(content: string, name = 'pairs.jsonl'): Promise<string> {
  const path = join(await temporaryDirectory(), name);
  await writeFile(path, content);
  return path;
}

const lines = (...items: object[]) => items.map(item => `${JSON.stringify(item)}\n`).join('');

describe('a file', () => {
  test('is written to the namespace, and the end is told in words and by --json', async () => {
    const id = await commands.namespace();
    const path = await file(lines({ key: 'a', value: 'v' }, { key: 'b', value: 'dg==', base64: true }));
    const { code, stdout, stderr } = await commands.run('import', id, path, '--json');
    expect(stderr).toMatch(/^importing: \d+ B in .*\n2 pairs written\n$/);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ id, written: 2, expired: 0, skipped: 0 });
    expect(await commands.pairs(id)).toEqual([pair('a'), pair('b')]);
  });

  test('may come from a pipe', async () => {
    const id = await commands.namespace();
    const path = await file('[{"key":"a","value":"v"}]');
    const shell = spawn('sh', ['-c', 'cat "$0" | "$@"', path, process.execPath, commands.main, 'import', id], {
      env: { PATH: process.env['PATH'], ...commands.environment() },
    });
    const code = await new Promise(resolve => shell.on('close', resolve));
    expect(code).toBe(0);
    expect(await commands.pairs(id)).toEqual([pair('a')]);
  });

  test('with pairs that have expired is written without them, and they are counted', async () => {
    const id = await commands.namespace();
    const now = Math.floor(Date.now() / 1_000);
    const path = await file(
      lines(
        { key: 'gone', value: 'v', expiration: now - 10 },
        { key: 'soon', value: 'v', expiration: now + 3_000 },
        { key: 'a', value: 'v' },
      ),
    );
    const { code, stderr } = await commands.run('import', id, path);
    expect(stderr).toContain('2 pairs written, 1 that had expired were left out\n');
    expect(code).toBe(0);
    expect((await commands.pairs(id)).map(({ key }) => key)).toEqual(['a', 'soon']);
  });

  test('with escapes of lone surrogates has U+FFFD in their place, as a bulk write does', async () => {
    const id = await commands.namespace();
    await commands.run('import', id, await file('{"key":"\\ud800","value":"\\udc00"}\n'));
    expect(await commands.pairs(id)).toEqual([pair('\ufffd', '\ufffd')]);
  });

  test('goes to a namespace that is made for it by --create', async () => {
    const path = await file(lines({ key: 'a', value: 'v' }));
    const missing = await commands.run('import', 'made', path);
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('there is no namespace "made"') });
    const flags = ['--create', '--account', ACCOUNT, '--json'];
    const made = await commands.run('import', 'made', path, ...flags);
    expect(made.code).toBe(0);
    const again = await commands.run('import', 'made', path, ...flags);
    expect(JSON.parse(again.stdout).id).toBe(JSON.parse(made.stdout).id);
  });
});

describe('keys that are there already', () => {
  const before = [pair('a', 'old'), pair('c', 'old')];
  const content = lines({ key: 'a', value: 'new' }, { key: 'b', value: 'new' });

  test.each([
    ['overwrite', [pair('a', 'new'), pair('b', 'new'), pair('c', 'old')]],
    ['skip', [pair('a', 'old'), pair('b', 'new'), pair('c', 'old')]],
  ])('--on-conflict %s', async (choice, after) => {
    const id = await commands.namespace(before);
    expect(await commands.run('import', id, await file(content), '--on-conflict', choice)).toMatchObject({ code: 0 });
    expect(await commands.pairs(id)).toEqual(after);
  });

  test('--on-conflict fail names them and changes nothing', async () => {
    const id = await commands.namespace(before);
    const { code, stderr } = await commands.run('import', id, await file(content), '--on-conflict', 'fail');
    expect(code).toBe(1);
    expect(stderr).toMatch(/with 409: .*"a"/);
    expect(stderr).toContain('go on with --from-line 1 --on-conflict skip\n');
    expect(await commands.pairs(id)).toEqual(before);
  });
});

describe('what is wrong with a file', () => {
  const bad = [
    lines({ key: 'a', value: 'v' }),
    '\n',
    lines({ key: '', value: 'v' }, { key: 'b', value: 7 }, { key: 'k'.repeat(513), value: 'v' }),
    'no JSON\n',
    lines({ key: 'a', value: 'other' }, { key: 'd', value: '!', base64: true }),
  ].join('');
  const told = [
    'line 3, key "": Key names must not be empty\n',
    'line 4, key "b": value must be a string\n',
    `line 5, key "${'k'.repeat(64)}…": UTF-8 encoded length of 513 exceeds key length limit of 512.\n`,
    "line 6: not a pair in JSON: invalid character 'o' at byte 2\n",
    'line 8, key "d": could not base64 decode value',
  ];

  test('is told by --dry-run, with line and key of each pair, and nothing is asked of a server', async () => {
    const path = await file(bad);
    const { code, stderr } = await commands.runWithoutServer('import', 'any', path, '--dry-run');
    expect(code).toBe(1);
    for (const text of told) expect(stderr).toContain(text);
    expect(stderr).toContain(`freehold: ${path}: 5 pairs at fault\n`);
  });

  test('is told alike when the server refuses it, and nothing of the bulk is written', async () => {
    const id = await commands.namespace();
    const { code, stderr } = await commands.run('import', id, await file(bad));
    expect(code).toBe(1);
    for (const text of told) expect(stderr).toContain(text);
    expect(stderr).toContain(' is written: go on with --from-line 1\n');
    expect(await commands.pairs(id)).toEqual([]);
  });

  test('in an array is told by the number of the pair, too', async () => {
    const path = await file('[{"key":"a","value":"v"},{"key":"b"},\n{"key":"a","value":"w"}]', 'pairs.json');
    const { stderr } = await commands.runWithoutServer('import', 'any', path, '--dry-run');
    expect(stderr).toContain('pair 2 on line 1, key "b": value must be a string\n');
  });

  test('is also that a key comes twice in one bulk with other contents', async () => {
    const path = await file(lines({ key: 'a', value: 'v' }, { key: 'a', value: 'v' }, { key: 'a', value: 'w' }));
    const { code, stderr } = await commands.runWithoutServer('import', 'any', path, '--dry-run');
    expect(code).toBe(1);
    expect(stderr).toContain('line 3, key "a": received duplicate key with different values');
  });

  test('is listed up to 20 times, and counted', async () => {
    const path = await file(lines(...Array.from({ length: 25 }, () => ({ key: '', value: 'v' }))));
    const { stderr } = await commands.runWithoutServer('import', 'any', path, '--dry-run');
    expect(stderr.match(/^line \d+/gm)).toHaveLength(20);
    expect(stderr).toContain('and 5 more\n');
    expect(stderr).toContain('25 pairs at fault\n');
  });

  test('a file without fault is told as such', async () => {
    const path = await file(lines({ key: 'a', value: 'v' }));
    const { code, stderr } = await commands.runWithoutServer('import', 'any', path, '--dry-run');
    expect(code).toBe(0);
    expect(stderr).toContain('1 pair, none of them at fault\n');
  });
});

describe('how far it has come', () => {
  const content = lines(...Array.from({ length: 30_000 }, (_, index) => ({ key: `${index}`, value: 'v' })));

  test('is a bar on a terminal', async () => {
    const words = [process.execPath, commands.main, 'import', await commands.namespace(), await file(content)];
    const environment = { ...commands.environment(), TERM: 'xterm' };
    const { finished } = new Running('script', ['-qec', words.join(' '), '/dev/null'], environment);
    const { code, stdout } = await finished;
    expect(code).toBe(0);
    expect(stdout).toContain('\r\x1b[K[#');
    expect(stdout).toMatch(/\[#+\.*\] importing: \d+ %, /);
    expect(stdout).toContain('30,000 pairs written');
  });

  test('is plain lines in a pipe', async () => {
    const { stderr } = await commands.run('import', await commands.namespace(), await file(content));
    expect(stderr).toMatch(/^importing: .*\n30,000 pairs written\n$/);
    expect(stderr).not.toContain('\x1b');
  });
});

test('Ctrl-C ends it with where to go on, and what was written stays', async () => {
  const id = await commands.namespace();
  const path = await file(lines(...Array.from({ length: 30_000 }, (_, index) => ({ key: `${index}`, value: 'v' }))));
  let bulks = 0;
  await using proxy = await UnrulyProxy.start(freehold.url, called => {
    if (called.endsWith('/import') && ++bulks > 1) running.kill('SIGINT');
    return undefined;
  });
  const environment = { ...commands.environment(), FREEHOLD_SERVER: proxy.url };
  const running = new Running(process.execPath, [commands.main, 'import', id, path], environment);
  const { code, stderr } = await running.finished;
  expect(code).toBe(130);
  const [, place = ''] = /go on with --from-line (\d+)/.exec(stderr) ?? [];
  expect(await commands.run('import', id, path, '--from-line', place)).toMatchObject({ code: 0 });
  expect(await commands.count(id)).toBe(30_000);
});

test('--from-line begins there, by the line or by the number in an array', async () => {
  const items = ['a', 'b', 'c'].map(key => ({ key, value: 'v' }));
  for (const path of [await file(lines(...items)), await file(JSON.stringify(items), 'pairs.json')]) {
    const id = await commands.namespace();
    await commands.run('import', id, path, '--from-line', '2');
    expect(await commands.pairs(id)).toEqual([pair('b'), pair('c')]);
  }
});

test.each([
  [['import', 'a', 'b', 'c'], 'unexpected argument "c"'],
  [['import', 'a', 'b', '--from-line', '0'], '--from-line must be a whole number from 1'],
  [['import', 'a', 'b', '--on-conflict', 'merge'], '--on-conflict must be one of overwrite, skip, fail'],
  [['import', 'a', 'b', '--create'], '--create needs --account here'],
])('%j is refused with exit code 2', async (argv, text) => {
  const { code, stderr } = await commands.run(...argv);
  expect(stderr).toContain(text);
  expect(code).toBe(2);
});

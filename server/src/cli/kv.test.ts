import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Finished, MAIN, Running, temporaryDirectory } from './process.fixture.ts';
import { NAMESPACE, RemoteServer, ROOT_TOKEN } from './remote.fixture.ts';

/** A command line that has to go well. */
async function done(server: RemoteServer, ...argv: string[]): Promise<Finished> {
  const finished = await server.run(['kv', ...argv]);
  expect({ argv, ...finished }).toMatchObject({ code: 0 });
  return finished;
}

async function stdoutOf(server: RemoteServer, ...argv: string[]): Promise<string> {
  return (await done(server, ...argv)).stdout;
}

/** A command line that has to fail with one line. */
async function refused(server: RemoteServer, code: number, ...argv: string[]): Promise<string> {
  const finished = await server.run(['kv', ...argv]);
  expect({ argv, ...finished }).toMatchObject({ code, stdout: '' });
  expect(finished.stderr).toMatch(/^freehold: .*\n$/);
  return finished.stderr;
}

/** With its standard input. */
async function piped(server: RemoteServer, input: string | Buffer, ...argv: string[]): Promise<Finished> {
  const running = new Running(process.execPath, [MAIN, 'kv', ...argv, '--data', server.data], server.environment);
  running.child.stdin.end(input);
  return await running.finished;
}

describe('kv count and kv list', () => {
  test('count every key or those with a prefix, and list them in their order', async () => {
    const server = await RemoteServer.start();
    await server.put({ 'user:2': 'b', 'user:10': 'a', other: 'c', 'tab\there': 'd' });
    expect(await stdoutOf(server, 'count', 'pairs')).toBe('4\n');
    expect(await stdoutOf(server, 'count', NAMESPACE, '--prefix', 'user:', '--json')).toBe('{"count":2}\n');
    expect(await stdoutOf(server, 'list', 'pairs')).toBe('other\n"tab\\there"\nuser:10\nuser:2\n');
    expect(await stdoutOf(server, 'list', 'pairs', '--prefix', 'user:', '--limit', '1')).toBe('user:10\n');
    expect(await stdoutOf(server, 'list', 'pairs', '--prefix', 'none')).toBe('');
  });

  test('list what metadata says of keys, as JSON lines, or whole pairs', async () => {
    const server = await RemoteServer.start();
    await done(server, 'put', 'pairs', 'a', 'first', '--metadata', '{"tags":["x","y"],"customer":42}');
    await done(server, 'put', 'pairs', 'b', 'second', '--expiration', '2099-01-01');
    const json = await stdoutOf(server, 'list', 'pairs', '--json');
    expect(
      json
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line)),
    ).toEqual([
      { name: 'a', metadata: { tags: ['x', 'y'], customer: 42 } },
      { name: 'b', expiration: Date.parse('2099-01-01') / 1_000 },
    ]);
    const where = ['--where', 'metadata.tags=["x","y"]', '--where', 'metadata.customer=42'];
    expect(await stdoutOf(server, 'list', 'pairs', ...where)).toBe('a\n');
    expect(await stdoutOf(server, 'list', 'pairs', ...where, '--where', 'metadata.customer!=42')).toBe('');
    const pairs = await stdoutOf(server, 'list', 'pairs', '--values', '--limit', '1');
    expect(JSON.parse(pairs)).toMatchObject({ key: 'a', value: 'first', metadata: expect.anything() });
    expect(await refused(server, 1, 'list', 'pairs', '--where', 'nonsense')).toContain('metadata.a=1');
  });

  test('list more keys than fit in one piece of the answer', async () => {
    const server = await RemoteServer.start();
    const keys = Array.from({ length: 5_000 }, (_, i) => `${String(i).padStart(5, '0')}-${'k'.repeat(90)}`);
    await server.put(Object.fromEntries(keys.map(key => [key, ''])));
    expect(await stdoutOf(server, 'list', 'pairs')).toBe(keys.map(key => `${key}\n`).join(''));
  });
});

describe('kv put and kv get', () => {
  test('write and read a value of the argument, of a file and of a pipe', async () => {
    const server = await RemoteServer.start();
    const bytes = Buffer.from([0, 255, 10, 13, 128]);
    const file = join(await temporaryDirectory(), 'value');
    await writeFile(file, bytes);
    const { stdout, stderr } = await done(server, 'put', 'pairs', 'argument', 'hällo');
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: 'Wrote 6 bytes to "argument".\n' });
    await done(server, 'put', 'pairs', 'file', '--from-file', file);
    expect(await piped(server, 'of the pipe', 'put', 'pairs', 'pipe', '--json')).toMatchObject({
      code: 0,
      stdout: '{"key":"pipe","bytes":11}\n',
    });
    await done(server, 'put', 'pairs', 'empty', '');
    expect(await stdoutOf(server, 'get', 'pairs', 'argument')).toBe('hällo');
    expect(await stdoutOf(server, 'get', 'pairs', 'pipe')).toBe('of the pipe');
    expect(await stdoutOf(server, 'get', 'pairs', 'empty')).toBe('');
    expect(JSON.parse(await stdoutOf(server, 'get', 'pairs', 'file', '--keep'))).toEqual({
      key: 'file',
      value: bytes.toString('base64'),
      base64: true,
    });
  });

  test('keep metadata and expiration of a pair where --keep says so, and drop them otherwise', async () => {
    const server = await RemoteServer.start();
    const whole = ['--metadata', '{"a": 1.0}', '--ttl', '30d'];
    await done(server, 'put', 'pairs', 'kept', 'before', ...whole);
    await done(server, 'put', 'pairs', 'kept', 'after', '--keep');
    const kept = await stdoutOf(server, 'get', 'pairs', 'kept', '--keep');
    expect(JSON.parse(kept)).toEqual({
      key: 'kept',
      value: 'after',
      metadata: { a: 1 },
      expiration: expect.any(Number),
    });
    expect(kept).toContain('{"a": 1.0}');
    await done(server, 'put', 'pairs', 'kept', 'bare');
    expect(await stdoutOf(server, 'get', 'pairs', 'kept', '--keep')).toBe('{"key":"kept","value":"bare"}\n');
  });

  test('say that there is no such key, also where others begin with it', async () => {
    const server = await RemoteServer.start();
    await server.put({ 'key:1': 'a' });
    for (const flags of [[], ['--keep']]) {
      expect(await refused(server, 1, 'get', 'pairs', 'key', ...flags)).toBe('freehold: there is no key "key"\n');
    }
  });

  test('pass on what the server refuses', async () => {
    const server = await RemoteServer.start();
    expect(await refused(server, 1, 'put', 'pairs', 'k', 'v', '--ttl', '59')).toContain('at least 60');
    expect(await refused(server, 1, 'put', 'pairs', 'k'.repeat(513), 'v')).toContain('with 414');
    const tooLarge = join(await temporaryDirectory(), 'large');
    await writeFile(tooLarge, Buffer.alloc(26_214_401));
    expect(await refused(server, 1, 'put', 'pairs', 'k', '--from-file', tooLarge)).toContain(
      'more than 26214400 bytes',
    );
  });
});

describe('kv delete', () => {
  test('deletes the keys of arguments, of a file and of a pipe, whether or not they are there', async () => {
    const server = await RemoteServer.start();
    await server.put({ a: '', b: '', c: '', d: '', e: '' });
    const file = join(await temporaryDirectory(), 'keys');
    await writeFile(file, 'b\r\n\nnone\n');
    expect(await done(server, 'delete', 'pairs', 'a', '--from-file', file, '--json')).toMatchObject({
      stdout: '{"keys":3}\n',
      stderr: 'Deleted what there was of 3 keys.\n',
    });
    expect(await piped(server, 'c\nd', 'delete', 'pairs', '--from-file', '-')).toMatchObject({ code: 0, stdout: '' });
    expect(await stdoutOf(server, 'list', 'pairs')).toBe('e\n');
  });

  test('deletes the keys that kv list writes, whatever characters they have', async () => {
    const server = await RemoteServer.start();
    const odd = ['a\u2028b', 'c\u2029', 'd\u0085e', 'f\x9b31m', 'g\nh', 'i\r', '"j"', '"', ' k '];
    const near = ['a', 'b', 'c', 'd', 'e', 'g', 'h', 'i', 'j'];
    await server.put(Object.fromEntries([...odd, ...near].map(key => [key, ''])));
    await done(server, 'delete', 'pairs', ...near);
    const lines = await stdoutOf(server, 'list', 'pairs');
    expect(lines.trimEnd().split('\n')).toHaveLength(odd.length);
    await server.put(Object.fromEntries(near.map(key => [key, ''])));
    expect(await piped(server, lines, 'delete', 'pairs', '--from-file', '-')).toMatchObject({ code: 0 });
    expect(await stdoutOf(server, 'list', 'pairs')).toBe(near.map(key => `${key}\n`).join(''));
  });

  test('deletes nothing where a file has no keys that can be read', async () => {
    const server = await RemoteServer.start();
    await server.put({ a: '' });
    expect((await piped(server, 'a\n"b\n', 'delete', 'pairs', '--from-file', '-')).stderr).toBe(
      'freehold: a line that begins with a quotation mark has to be a key in JSON, and this is not: "\\"b"\n',
    );
    const directory = await temporaryDirectory();
    expect(await refused(server, 1, 'delete', 'pairs', '--from-file', directory)).toContain('EISDIR');
    expect(await stdoutOf(server, 'list', 'pairs')).toBe('a\n');
  });

  test('with --keep prints what it deletes, and says which keys there were not', async () => {
    const server = await RemoteServer.start();
    await done(server, 'put', 'pairs', 'a', 'first', '--metadata', '[1]');
    await server.put({ b: 'second' });
    const { code, stdout, stderr } = await server.run(['kv', 'delete', 'pairs', 'a', 'none', 'b', 'b', '--keep']);
    expect(code).toBe(1);
    expect(stdout).toBe('{"key":"a","value":"first","metadata":[1]}\n{"key":"b","value":"second"}\n');
    expect(stderr).toBe('Deleted 2 pairs.\nfreehold: there was no key "none"\n');
    expect(await stdoutOf(server, 'count', 'pairs')).toBe('0\n');
  });
});

describe('kv clear', () => {
  test('with --dry-run says how many pairs it would delete, and deletes none', async () => {
    const server = await RemoteServer.start();
    await server.put({ 'a:1': '', 'a:2': '', b: '' });
    const { stdout, stderr } = await done(server, 'clear', 'pairs', '--prefix', 'a:', '--dry-run', '--json');
    expect({ stdout, stderr }).toEqual({
      stdout: '{"pairs":2}\n',
      stderr: 'Would delete 2 pairs with the prefix "a:" of "pairs".\n',
    });
    expect(await stdoutOf(server, 'count', 'pairs')).toBe('3\n');
  });

  test.each([
    ['\r', 1, 'freehold: nothing was deleted'],
    ['no\r', 1, 'freehold: nothing was deleted'],
    ['\x03', 130, ''],
  ])('asks on a terminal with the number in the question, and takes %j for no', async (typed, code, told) => {
    const server = await RemoteServer.start();
    await server.put({ a: '', b: '' });
    const command = ['exec', process.execPath, MAIN, 'kv', 'clear', 'pairs', '--all', '--data', server.data].join(' ');
    const environment = { ...server.environment, TERM: 'xterm' };
    const running = new Running('script', ['-qec', command, '/dev/null'], environment);
    await running.output(/Delete 2 pairs of "pairs" on http:\S+\? \[y\/N\] /);
    running.child.stdin.write(typed);
    const finished = await running.finished;
    expect(finished.code).toBe(code);
    expect(finished.stdout).toContain(told);
    expect(await stdoutOf(server, 'count', 'pairs')).toBe('2\n');
  });
});

describe('a wrong command line touches nothing', () => {
  test.each([
    [['put', 'pairs', 'a', 'b', '--from-file', 'c'], '--from-file and a VALUE are both given'],
    [['put', 'pairs', 'a', 'b', '--ttl', '60', '--expiration', '2099-01-01'], '--ttl and --expiration cannot be set'],
    [['put', 'pairs', 'a', 'b', '--keep', '--metadata', '1'], '--keep and --metadata cannot be set together'],
    [['put', 'pairs', 'a', 'b', '--metadata', '{'], '--metadata must be JSON'],
    [['put', 'pairs', 'a', 'b', '--ttl', 'soon'], '--ttl must be'],
    [['put', 'pairs', 'a', 'b', '--expiration', 'soon'], '--expiration must be'],
    [['put', 'pairs'], 'kv put needs a KEY'],
    [['put', 'pairs', 'a', 'b', 'c'], 'unexpected argument "c"'],
    [['delete', 'pairs'], 'kv delete needs a KEY, or --from-file'],
    [['delete', 'pairs', 'a', '--keep', '--json'], '--keep and --json cannot be set together'],
    [['list', 'pairs', '--limit', '0'], '--limit must be a whole number from 1'],
    [['clear', 'pairs'], 'kv clear needs either --prefix or --all'],
    [['clear', 'pairs', '--prefix', 'a', '--all'], 'kv clear needs either --prefix or --all'],
    [['clear', 'pairs', '--all'], 'give --yes'],
    [['copy', 'pairs'], 'kv copy needs a TO'],
    [['copy', 'pairs', 'other', '--on-conflict', 'ask'], '--on-conflict must be one of overwrite, skip, fail'],
  ])('freehold kv %j', async (argv, text) => {
    const configuration = { XDG_CONFIG_HOME: await temporaryDirectory() };
    const nowhere = ['--server', 'http://127.0.0.1:1'];
    const running = new Running(process.execPath, [MAIN, 'kv', ...argv, ...nowhere], configuration);
    const { code, stdout, stderr } = await running.finished;
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^freehold: .*\n$/);
    expect(stderr).toContain(text);
  });
});

describe('what ends a command early', () => {
  test('Ctrl-C ends it with exit code 130, without a word, and its token is revoked', async () => {
    const server = await RemoteServer.start();
    await server.put(Object.fromEntries(Array.from({ length: 9_000 }, (_, i) => [`${i}`, 'x'.repeat(2_000)])));
    const list = ['kv', 'list', 'pairs', '--values', '--data', server.data];
    const running = new Running(process.execPath, [MAIN, ...list], server.environment);
    // More than the pipe takes is not read, so that the command cannot come to its end.
    running.child.stdout.pause();
    const { stdout } = running.child;
    await expect.poll(() => stdout.readableLength, { timeout: 20_000, interval: 10 }).toBeGreaterThan(0);
    running.kill('SIGINT');
    await audited(server, 'token.revoke');
    running.child.stdout.resume();
    const { code, stderr } = await running.finished;
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
  });

  test('a server that is killed is told of in one line', async () => {
    const server = await RemoteServer.start();
    await server.put(Object.fromEntries(Array.from({ length: 9_000 }, (_, i) => [`${i}`, 'x'.repeat(2_000)])));
    const list = ['kv', 'list', 'pairs', '--values', '--server', server.url];
    const environment = { ...server.environment, FREEHOLD_TOKEN: ROOT_TOKEN };
    const running = new Running(process.execPath, [MAIN, ...list], environment);
    await running.output(/\n/);
    running.child.stdout.pause();
    await server.process.end('SIGKILL');
    running.child.stdout.resume();
    const { code, stderr } = await running.finished;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^freehold: no answer from http\S+ to GET \S+\/export: .*\n$/);
  });
});

/** Waits until the server has noted it in its log. */
async function audited({ process }: RemoteServer, what: string): Promise<void> {
  await process.output(new RegExp(`"audit":"${what}"`));
}

import { describe, expect, test } from 'vitest';
import { type Finished, MAIN, Running } from './process.fixture.ts';
import { RemoteServer } from './remote.fixture.ts';

const ARCHIVE = '1'.repeat(32);

/** A server with the namespaces `pairs` and `archive`. */
async function start(): Promise<RemoteServer> {
  const server = await RemoteServer.start();
  await server.namespace(ARCHIVE, 'archive');
  return server;
}

async function done(server: RemoteServer, ...argv: string[]): Promise<Finished> {
  const finished = await server.run(['kv', ...argv]);
  expect({ argv, ...finished }).toMatchObject({ code: 0 });
  return finished;
}

/** Keys and values of a namespace, in a line. */
async function pairsOf(server: RemoteServer, namespace: string): Promise<string> {
  const { stdout } = await done(server, 'list', namespace, '--values');
  const lines = stdout.split('\n').filter(line => line !== '');
  return lines
    .map(line => JSON.parse(line))
    .map(({ key, value }) => `${key}=${value}`)
    .join(' ');
}

describe('kv clear', () => {
  test('deletes the pairs with a prefix, or all, and says how many there were', async () => {
    const server = await start();
    await server.put({ 'a:1': '1', 'a:2': '2', b: '3' });
    const { stdout, stderr } = await done(server, 'clear', 'pairs', '--prefix', 'a:', '--yes');
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: 'Deleted 2 pairs with the prefix "a:" of "pairs".\n' });
    expect(await pairsOf(server, 'pairs')).toBe('b=3');
    expect(await done(server, 'clear', 'pairs', '--all', '--yes', '--json')).toMatchObject({ stdout: '{"pairs":1}\n' });
    expect(await pairsOf(server, 'pairs')).toBe('');
  });

  test('does it after a yes on a terminal', async () => {
    const server = await start();
    await server.put({ a: '', b: '' });
    const command = ['exec', process.execPath, MAIN, 'kv', 'clear', 'pairs', '--all', '--data', server.data].join(' ');
    const running = new Running('script', ['-qec', command, '/dev/null'], { ...server.environment, TERM: 'xterm' });
    await running.output(/Delete 2 pairs of .* \[y\/N\] /);
    running.child.stdin.write('yes\r');
    expect(await running.finished).toMatchObject({ code: 0 });
    expect(await pairsOf(server, 'pairs')).toBe('');
  });
});

describe('kv copy and kv move', () => {
  test('copy pairs to another namespace, by default over those that are there', async () => {
    const server = await start();
    await server.put({ 'a:1': 'new', 'a:2': 'new', b: 'new' });
    await server.put({ 'a:1': 'old' }, ARCHIVE);
    const { stderr } = await done(server, 'copy', 'pairs', 'archive', '--prefix', 'a:');
    expect(stderr).toBe('Copied 2 pairs from "pairs" to "archive".\n');
    expect(await pairsOf(server, 'archive')).toBe('a:1=new a:2=new');
    expect(await pairsOf(server, 'pairs')).toBe('a:1=new a:2=new b=new');
  });

  test('leave what is there with skip, and refuse to begin with fail', async () => {
    const server = await start();
    await server.put({ a: 'new', b: 'new' });
    await server.put({ a: 'old' }, ARCHIVE);
    const { code, stderr } = await server.run(['kv', 'copy', 'pairs', 'archive', '--on-conflict', 'fail']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^freehold: .*a.*\n$/);
    expect(await pairsOf(server, 'archive')).toBe('a=old');
    const skipping = await done(server, 'copy', 'pairs', 'archive', '--on-conflict', 'skip');
    expect(skipping.stderr).toBe('Copied 1 pair from "pairs" to "archive", 1 pair skipped.\n');
    expect(await pairsOf(server, 'archive')).toBe('a=old b=new');
  });

  test('move pairs to other keys, and say beforehand what they would do', async () => {
    const server = await start();
    await server.put({ 'a:1': '1', 'a:2': '2', b: '3' });
    const move = ['move', 'pairs', 'archive', '--prefix', 'a:', '--to-prefix', 'z/'];
    const dry = await done(server, ...move, '--dry-run', '--json');
    expect(JSON.parse(dry.stdout)).toMatchObject({ pairs: 2 });
    expect(dry.stderr).toMatch(/^Would move 2 pairs/);
    expect(await pairsOf(server, 'archive')).toBe('');
    await done(server, ...move);
    expect(await pairsOf(server, 'archive')).toBe('z/1=1 z/2=2');
    expect(await pairsOf(server, 'pairs')).toBe('b=3');
  });

  test('say which of the two namespaces there is not', async () => {
    const server = await start();
    const { code, stderr } = await server.run(['kv', 'copy', 'pairs', 'none']);
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no namespace "none"'),
    });
  });
});

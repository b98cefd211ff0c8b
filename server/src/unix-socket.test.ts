import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OperatorError } from './operator-error.ts';
import { listenOnSocket } from './unix-socket.ts';

let directory: string;
let path: string;
const opened: Server[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'freehold-socket-'));
  path = join(directory, 'kv.sock');
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map(close));
  await rm(directory, { recursive: true });
});

/** A server that says its name to whoever connects. */
async function listen(name: string, at = path): Promise<Server> {
  // Whoever only wants to know whether it answers goes away without reading.
  const server = createServer(socket => socket.on('error', () => {}).end(name));
  await listenOnSocket(server, at);
  opened.push(server);
  return server;
}

function close(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve());
  });
}

function whoAnswers(at = path): Promise<string> {
  return text(connect(at));
}

/** A socket as a killed server leaves it. */
async function leaveStale(): Promise<void> {
  const killed = await listen('killed', `${path}.elsewhere`);
  await rename(`${path}.elsewhere`, path);
  await close(killed);
}

async function refusal(at = path): Promise<string> {
  const error: unknown = await listen('refused', at).catch(reason => reason);
  if (!(error instanceof OperatorError)) throw error;
  expect(error.message).toMatch(/^cannot listen on unix:/);
  expect(error.message).toContain(at);
  return error.message;
}

describe('a socket', () => {
  test.each([0o000, 0o022, 0o077])('is for its owner only with the umask %o, which stays', async umask => {
    const before = process.umask(umask);
    try {
      await listen('first');
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      expect(process.umask()).toBe(umask);
    } finally {
      process.umask(before);
    }
  });

  test('goes when its server closes', async () => {
    await close(await listen('first'));
    expect(existsSync(path)).toBe(false);
  });

  test('that a killed server left gives way', async () => {
    await leaveStale();
    await listen('second');
    expect(await whoAnswers()).toBe('second');
    expect(await readdir(directory)).toEqual(['kv.sock']);
  });

  test('that another server listens on is left to it', async () => {
    await listen('first');
    expect(await refusal()).toContain('another server already listens there');
    expect(await whoAnswers()).toBe('first');
    expect(await readdir(directory)).toEqual(['kv.sock']);
  });

  test('that a killed server left goes to one of two that start at once', async () => {
    for (let round = 0; round < 20; round++) {
      await leaveStale();
      const starts = await Promise.allSettled([listen('one'), listen('other')]);
      expect(starts.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(await whoAnswers()).toBe(starts[0]?.status === 'fulfilled' ? 'one' : 'other');
      expect(await readdir(directory)).toEqual(['kv.sock']);
      await Promise.all(opened.splice(0).map(close));
    }
  });
});

describe('a path that cannot be had', () => {
  test('because a file is there, which stays', async () => {
    await writeFile(path, 'precious');
    expect(await refusal()).toContain('what is there is no socket');
    expect((await stat(path)).size).toBe(8);
  });

  test('because a directory is there', async () => {
    await mkdir(path);
    expect(await refusal()).toContain('what is there is no socket');
  });

  test('because a link is there, wherever it leads', async () => {
    await symlink(join(directory, 'nowhere'), path);
    expect(await refusal()).toContain('what is there is no socket');
    expect(await readdir(directory)).toEqual(['kv.sock']);
  });

  test('because its directory does not exist', async () => {
    expect(await refusal(join(directory, 'missing', 'kv.sock'))).toContain('no such file or directory');
  });

  test('because its directory lets nobody make one', async () => {
    await mkdir(join(directory, 'locked'), { mode: 0o500 });
    // Modes do not hold root back; the kernel's own file systems do.
    await refusal(process.getuid?.() === 0 ? '/proc/kv.sock' : join(directory, 'locked', 'kv.sock'));
  });

  test('because it is too long', async () => {
    const longest = join(directory, 'x'.repeat(95 - directory.length));
    await listen('longest', longest);
    expect(await whoAnswers(longest)).toBe('longest');
    expect(await refusal(`${longest}x`)).toContain('may have 96 bytes, and this has 97');
  });
});

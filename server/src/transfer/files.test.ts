import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../cli/process.fixture.ts';
import { fileCoding } from './file-coding.ts';
import { openSource } from './source-file.ts';
import { writeTarget } from './target-file.ts';

const NEVER = new AbortController().signal;
const CONTENT = Buffer.from('{"key":"a","value":"b"}\n'.repeat(100_000));

function pieces(): AsyncIterable<Uint8Array> {
  const count = Math.ceil(CONTENT.length / 100_000);
  return Readable.from(
    Array.from({ length: count }, (_, index) => CONTENT.subarray(index * 100_000).subarray(0, 100_000)),
  );
}

async function* failing(): AsyncGenerator<Uint8Array> {
  yield* pieces();
  await Promise.reject(new Error('cut off'));
}

async function inDirectory(name: string): Promise<string> {
  return join(await temporaryDirectory(), name);
}

async function readBack(path: string): Promise<Buffer> {
  return await buffer((await openSource(path, NEVER)).pieces);
}

describe.each([
  ['pairs.jsonl', (bytes: Buffer) => bytes],
  ['pairs.jsonl.gz', (bytes: Buffer) => gunzipSync(bytes)],
  ['pairs.jsonl.zst', (bytes: Buffer) => zstdDecompressSync(bytes)],
])('%s', (name, decompress) => {
  test('holds what was written, for its owner only, and reads as that', async () => {
    const path = await inDirectory(name);
    const { bytes } = await writeTarget(path, pieces(), { force: false });
    const file = await readFile(path);
    expect(decompress(file).equals(CONTENT)).toBe(true);
    expect(bytes).toBe(file.length);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await readBack(path)).equals(CONTENT)).toBe(true);
  });

  test('is for its owner only also where an earlier one was left that others may read', async () => {
    const path = await inDirectory(name);
    await writeFile(`${path}.partial`, 'left', { mode: 0o644 });
    await writeTarget(path, pieces(), { force: false });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test('does not replace a file unless told to', async () => {
    const path = await inDirectory(name);
    await writeFile(path, 'mine');
    await expect(writeTarget(path, pieces(), { force: false })).rejects.toThrow(/is there already/);
    expect(await readFile(path, 'utf8')).toBe('mine');
    await writeTarget(path, pieces(), { force: true });
    expect((await readBack(path)).equals(CONTENT)).toBe(true);
  });

  test('leaves nothing behind where the pieces fail, and what was there before', async () => {
    const path = await inDirectory(name);
    await writeFile(path, 'mine');
    await expect(writeTarget(path, failing(), { force: true })).rejects.toThrow('cut off');
    expect(await readFile(path, 'utf8')).toBe('mine');
    expect(await readdir(join(path, '..'))).toEqual([name]);
  });
});

test.each([
  ['pairs.gz', gzipSync, 'gzip'],
  ['pairs.zst', zstdCompressSync, 'zstd'],
] as const)('%s that is cut short or no such thing is refused by name', async (name, compress, coding) => {
  const path = await inDirectory(name);
  const whole = compress(CONTENT);
  await writeFile(path, whole.subarray(0, whole.length - 10));
  await expect(readBack(path)).rejects.toThrow(`${path} is not valid ${coding}: `);
  await writeFile(path, CONTENT);
  await expect(readBack(path)).rejects.toThrow(`${path} is not valid ${coding}: `);
});

test.each([
  ['pairs.gz', gzipSync],
  ['pairs.zst', zstdCompressSync],
] as const)('%s of several parts, one behind the other, is all of them', async (name, compress) => {
  const path = await inDirectory(name);
  const noise = randomBytes(300_000);
  const parts = [CONTENT, Buffer.of(), noise, CONTENT.subarray(0, 10), noise];
  await writeFile(path, Buffer.concat(parts.map(part => compress(part))));
  expect((await readBack(path)).equals(Buffer.concat(parts))).toBe(true);
});

test.each([
  ['pairs.gz', gzipSync, 'gzip'],
  ['pairs.zst', zstdCompressSync, 'zstd'],
] as const)('%s with something behind it is refused rather than read in part', async (name, compress, coding) => {
  const path = await inDirectory(name);
  await writeFile(path, Buffer.concat([compress(CONTENT), Buffer.from('something')]));
  await expect(readBack(path)).rejects.toThrow(`${path} is not valid ${coding}: `);
});

test('a Node without zstd says so', () => {
  const { zstd: _, ...versions } = { zstd: '', ...process.versions, node: '22.14.0' };
  expect(() => fileCoding('pairs.zst', versions)).toThrow('pairs.zst: Node 22.14.0 has no zstd, 22.15 or newer has');
});

test('how much of a file was read is known of its size on disk', async () => {
  const path = await inDirectory('pairs.gz');
  await writeFile(path, gzipSync(CONTENT));
  const source = await openSource(path, NEVER);
  expect(source.bytesRead()).toBe(0);
  await buffer(source.pieces);
  expect(source.bytesRead()).toBe(source.bytes);
});

test('what is no regular file is not replaced, even where told to', async () => {
  const path = await inDirectory('socket.jsonl');
  await using server = createServer().listen(path);
  await once(server, 'listening');
  await expect(writeTarget(path, pieces(), { force: true })).rejects.toThrow(/is no regular file/);
  expect((await stat(path)).isSocket()).toBe(true);
});

test('a directory is no file of pairs', async () => {
  const path = await inDirectory('some');
  await mkdir(path);
  await expect(openSource(path, NEVER)).rejects.toThrow(`${path} is a directory`);
});

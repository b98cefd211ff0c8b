import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../conformance/temporary-directory.ts';
import { countCommit, newCommitCount } from './commit-count.ts';
import { openForReading, openForWriting } from './connection.ts';
import { SQLITE } from './constants.ts';
import { Reader } from './reader.ts';
import { databaseFile, prepareDatabase } from './schema.ts';

const address = { account: 'account', id: 'id' };
const START = 1_800_000_000;
const LARGE_BYTES = SQLITE.unsharedValueBytesMax + 1;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

function start() {
  const directory = temporaryDirectory();
  prepareDatabase(directory);
  const writer = openForWriting(databaseFile(directory));
  const commits = newCommitCount();
  const time = { now: START };
  const reader = new Reader(openForReading(databaseFile(directory)), () => time.now, commits);
  onTestFinished(() => {
    reader.close();
    writer.close();
  });
  const insertNamespace = writer.prepare('INSERT INTO namespaces (number, account, id, title) VALUES (?, ?, ?, ?)');
  const insertPair = writer.prepare('INSERT INTO pairs (namespace, key, expires, value) VALUES (1, ?, ?, ?)');
  const addNamespace = () => void insertNamespace.run(1, address.account, address.id, 'title');
  const addPair = (key: string, bytes: number, expires: number | null = null) => {
    insertPair.run(Buffer.from(key), expires, Buffer.alloc(bytes, key));
  };
  const commit = (change: () => void) => {
    change();
    countCommit(commits);
  };
  return { writer, time, reader, addNamespace, addPair, commit };
}

it('does not go on in the snapshot of a read that failed', () => {
  const { reader, addNamespace } = start();
  expect(() => reader.get(address, 'key')).toThrow('namespaceMissing');
  addNamespace();
  expect(reader.get(address, 'key')).toBeUndefined();
});

it('knows a namespace no longer than until a commit', () => {
  const { writer, reader, addNamespace, commit } = start();
  commit(addNamespace);
  expect(reader.accountsOfNamespace(address.id)).toEqual([address.account]);
  expect(reader.namespace(address)).toEqual({ id: address.id, title: 'title' });
  commit(() => writer.exec('DELETE FROM namespaces'));
  expect(() => reader.namespace(address)).toThrow('namespaceMissing');
  expect(reader.accountsOfNamespace(address.id)).toEqual([]);
});

it('reads a large value once for all who ask while nothing is committed, and a smaller one for each', () => {
  const { reader, addNamespace, addPair, commit } = start();
  commit(addNamespace);
  commit(() => addPair('large', LARGE_BYTES));
  commit(() => addPair('also large', LARGE_BYTES));
  commit(() => addPair('small', LARGE_BYTES - 1));
  const value = (key: string) => reader.get(address, key)?.value;
  const large = value('large');
  expect(value('large')).toBe(large);
  expect(value('small')).not.toBe(value('small'));
  expect(value('also large')).toEqual(Buffer.alloc(LARGE_BYTES, 'also large'));
  commit(() => addPair('another', 1));
  expect(value('large')).not.toBe(large);
  expect(value('large')).toEqual(large);
});

it('shows a large value with its own metadata also in the moment in which a commit is not counted yet', async () => {
  const { writer, reader, addNamespace, addPair, commit } = start();
  commit(addNamespace);
  commit(() => addPair('key', LARGE_BYTES));
  const before = reader.get(address, 'key');
  await new Promise(setImmediate);
  const after = Buffer.alloc(LARGE_BYTES, 'after');
  writer.prepare('UPDATE pairs SET metadata = ?, value = ?').run(Buffer.from('"after"'), after);
  expect(before?.metadata).toBeUndefined();
  expect(reader.get(address, 'key')).toEqual({ value: after, metadata: '"after"' });
  expect(reader.getMany(address, ['key'], 2 * LARGE_BYTES)).toEqual([{ value: after, metadata: '"after"' }]);
});

it('does not show a large value past its expiry, although it is in memory', () => {
  const { time, reader, addNamespace, addPair, commit } = start();
  commit(addNamespace);
  commit(() => addPair('mortal', LARGE_BYTES, START + 60));
  const shown = reader.get(address, 'mortal');
  expect(shown?.expiresAt).toBe(START + 60);
  time.now = START + 60;
  expect(reader.get(address, 'mortal')).toBeUndefined();
  time.now = START + 59;
  expect(reader.get(address, 'mortal')?.value).toBe(shown?.value);
});

it('keeps nothing of a large value that nobody holds any more', async () => {
  const { reader, addNamespace, addPair, commit } = start();
  commit(addNamespace);
  commit(() => addPair('large', LARGE_BYTES));
  const first = new WeakRef(Object(reader.get(address, 'large')?.value));
  await new Promise(setImmediate);
  collectGarbage();
  expect(first.deref()).toBeUndefined();
  expect(reader.get(address, 'large')?.value).toHaveLength(LARGE_BYTES);
});

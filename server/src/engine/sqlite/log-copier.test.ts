import { readdirSync, rmSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { temporaryDirectory } from '../conformance/temporary-directory.ts';
import { openForReading, openForWriting } from './connection.ts';
import { LogCopier } from './log-copier.ts';
import { databaseFile, prepareDatabase } from './schema.ts';

let file: string;
let database: Database.Database;
let copier: LogCopier;

beforeEach(() => {
  const directory = temporaryDirectory();
  prepareDatabase(directory);
  file = databaseFile(directory);
  const connection = openForWriting(file);
  onTestFinished(() => void connection.close());
  database = connection;
  copier = new LogCopier(file);
});

function write(): void {
  database.exec(`INSERT INTO pairs (namespace, key, value) VALUES (1, x'00', zeroblob(1000000))`);
}

/** Of the log: all, and those that are in the database too. */
function frames(): [logFrames: number, copiedFrames: number] {
  const row = database.prepare<[], [number, number, number]>('PRAGMA wal_checkpoint(NOOP)').raw().get();
  return [row?.[1] ?? -1, row?.[2] ?? -1];
}

async function untilCopied(): Promise<void> {
  await vi.waitFor(() => {
    const [logFrames, copiedFrames] = frames();
    expect(copiedFrames).toBe(logFrames);
  }, 10_000);
}

it('copies what is in the log, again and again', async () => {
  onTestFinished(() => copier.close());
  for (let round = 0; round < 3; round += 1) {
    write();
    expect(frames()[1]).toBeLessThan(frames()[0]);
    copier.settle();
    expect(copier.copy()).toBe(true);
    await untilCopied();
  }
});

it('goes on while the writer writes, and loses nothing', async () => {
  onTestFinished(() => copier.close());
  for (let writes = 0; writes < 50; writes += 1) {
    write();
    copier.copy();
  }
  await vi.waitFor(() => {
    copier.copy();
    const [logFrames, copiedFrames] = frames();
    expect(copiedFrames).toBe(logFrames);
  }, 10_000);
  expect(database.prepare('SELECT count(*) FROM pairs').pluck().get()).toBe(50);
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
});

it('leaves to readers what they have begun with', async () => {
  onTestFinished(() => copier.close());
  write();
  const reader = openForReading(file);
  onTestFinished(() => void reader.close());
  const count = reader.prepare('SELECT count(*) FROM pairs').pluck();
  reader.exec('BEGIN');
  expect(count.get()).toBe(1);
  const [seen] = frames();
  write();
  copier.copy();
  await vi.waitFor(() => expect(frames()[1]).toBe(seen), 10_000);
  copier.settle();
  expect(frames()[0]).toBeGreaterThan(seen);
  expect(frames()[1]).toBe(seen);
  expect(count.get()).toBe(1);
});

it('blocks until what is under way is done, where it is told to settle', async () => {
  onTestFinished(() => copier.close());
  write();
  copier.copy();
  await untilCopied();
  for (let writes = 0; writes < 20; writes += 1) write();
  copier.settle();
  copier.copy();
  copier.settle();
  const [logFrames, copiedFrames] = frames();
  expect(copiedFrames).toBe(logFrames);
});

it('has nothing open when it is closed, and can be closed unused, twice, and before it has begun', async () => {
  new LogCopier(file).close();
  write();
  copier.copy();
  copier.close();
  copier.close();
  const other = new LogCopier(file);
  other.copy();
  await untilCopied();
  other.close();
  database.close();
  const names = readdirSync(dirname(file)).filter(name => name.startsWith('freehold'));
  expect(names).toEqual(['freehold.db']);
});

it('says that it cannot copy where its thread cannot open the database, and tries anew the next time', async () => {
  database.close();
  const copy = () => copier.copy();
  rmSync(file);
  expect(copy()).toBe(true);
  await vi.waitFor(() => expect(copy()).toBe(false), 10_000);
  expect(copy()).toBe(true);
  copier.close();
});

it('throws what a copy has failed with, for as long as it is asked', async () => {
  write();
  copier.copy();
  await untilCopied();
  write();
  // Without what the log's index speaks of, as if the disk had lost it.
  truncateSync(`${file}-wal`, 0);
  copier.copy();
  const failure = /^SQLITE_IOERR_SHORT_READ: /;
  await vi.waitFor(() => expect(() => copier.copy()).toThrow(failure), 10_000);
  expect(() => copier.settle()).toThrow(failure);
  expect(() => copier.close()).toThrow(failure);
});

import { statSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../conformance/temporary-directory.ts';
import { Checkpointer } from './checkpoint.ts';
import { openForReading, openForWriting } from './connection.ts';
import { SQLITE } from './constants.ts';
import { databaseFile, prepareDatabase } from './schema.ts';

const LOG_BYTES_MAX = 1_048_576;
const WRITE_BYTES = 50_000;

let file: string;
let database: Database.Database;
let checkpointer: Checkpointer;

beforeEach(() => {
  const directory = temporaryDirectory();
  prepareDatabase(directory);
  file = databaseFile(directory);
  const connection = openForWriting(file);
  onTestFinished(() => void connection.close());
  database = connection;
  checkpointer = new Checkpointer(database, LOG_BYTES_MAX);
});

function write(): void {
  database.exec(`INSERT INTO pairs (namespace, key, value) VALUES (1, x'00', zeroblob(${WRITE_BYTES}))`);
  checkpointer.afterCommit();
}

function logBytes(): number {
  return statSync(`${file}-wal`).size;
}

it('keeps the log short however much is written', () => {
  for (let writes = 0; writes < 200; writes += 1) {
    write();
    expect(logBytes()).toBeLessThan(LOG_BYTES_MAX + 4 * WRITE_BYTES);
  }
  expect(statSync(file).size).toBeGreaterThan(100 * WRITE_BYTES);
});

it('lets the log grow behind a reader that stays, and shortens it when that has gone', () => {
  const reader = openForReading(file);
  onTestFinished(() => void reader.close());
  reader.exec('BEGIN; SELECT * FROM pairs');
  reader.prepare('SELECT count(*) FROM pairs').get();
  for (let writes = 0; writes < 60; writes += 1) write();
  expect(logBytes()).toBeGreaterThan(2 * LOG_BYTES_MAX);
  reader.exec('COMMIT');
  const grown = logBytes();
  for (let writes = 0; writes < 60; writes += 1) write();
  expect(logBytes()).toBeLessThan(grown + 4 * WRITE_BYTES);
  checkpointer.truncate();
  expect(logBytes()).toBe(0);
});

it('empties the log at the second tick without a commit', () => {
  write();
  checkpointer.onTick();
  expect(logBytes()).toBeGreaterThan(0);
  write();
  checkpointer.onTick();
  expect(logBytes()).toBeGreaterThan(0);
  checkpointer.onTick();
  expect(logBytes()).toBe(0);
  checkpointer.onTick();
  expect(logBytes()).toBe(0);
});

it('knows what has yet to be copied', () => {
  expect(checkpointer.uncopiedBytes).toBe(0);
  write();
  expect(checkpointer.uncopiedBytes).toBeGreaterThan(WRITE_BYTES);
  checkpointer.truncate();
  expect(checkpointer.uncopiedBytes).toBe(0);
});

it('empties the log at the next tick where space is short', () => {
  write();
  checkpointer.wantSpace();
  checkpointer.onTick();
  expect(logBytes()).toBe(0);
});

it('waits for readers only briefly, and for writers as ever', { timeout: SQLITE.busyMs - 1_000 }, () => {
  const reader = openForReading(file);
  onTestFinished(() => void reader.close());
  write();
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM pairs').get();
  write();
  checkpointer.truncate();
  expect(logBytes()).toBeGreaterThan(0);
  expect(database.pragma('busy_timeout', { simple: true })).toBe(5_000);
  reader.exec('COMMIT');
  checkpointer.truncate();
  expect(logBytes()).toBe(0);
});

import { statSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../conformance/temporary-directory.ts';
import { Checkpointer } from './checkpoint.ts';
import { openForReading, openForWriting } from './connection.ts';
import { SQLITE } from './constants.ts';
import { databaseFile, prepareDatabase } from './schema.ts';

const LIMITS = { copied: 1_048_576, max: 4_194_304, rest: 524_288 };
const WRITE_BYTES = 50_000;

let file: string;
let database: Database.Database;
let checkpointer: Checkpointer;
/** How often the copier was told to copy, and what it does then: all of it at once, unless a test says otherwise. */
let copies: number;
let copy: () => boolean;
let copyAll: () => boolean;
/** Whether a backup holds the log. */
let held: boolean;
/** How often writes have waited for the copier. */
let settled: number;

beforeEach(() => {
  const directory = temporaryDirectory();
  prepareDatabase(directory);
  file = databaseFile(directory);
  const connection = openForWriting(file);
  const copying = openForWriting(file);
  onTestFinished(() => {
    copying.close();
    connection.close();
  });
  database = connection;
  copies = 0;
  held = false;
  settled = 0;
  copyAll = () => {
    copying.pragma('wal_checkpoint(PASSIVE)');
    return true;
  };
  copy = copyAll;
  const copier = {
    copy() {
      copies += 1;
      return copy();
    },
    settle() {
      settled += 1;
    },
    close() {},
  };
  checkpointer = new Checkpointer({ database, copier, limits: LIMITS, isHeld: () => held });
});

function write(bytes = WRITE_BYTES): void {
  database.exec(`INSERT INTO pairs (namespace, key, value) VALUES (1, x'00', zeroblob(${bytes}))`);
  checkpointer.afterCommit();
}

function logBytes(): number {
  return statSync(`${file}-wal`).size;
}

it('keeps the log short however much is written', () => {
  for (let writes = 0; writes < 200; writes += 1) {
    write();
    expect(logBytes()).toBeLessThan(LIMITS.copied + 4 * WRITE_BYTES);
  }
  expect(statSync(file).size).toBeGreaterThan(100 * WRITE_BYTES);
  expect(copies).toBeGreaterThan(5);
});

it('copies what the copier has left of a long log, if it is little', () => {
  copy = () => true;
  write(2 * LIMITS.copied);
  expect([copies, checkpointer.uncopiedBytes > LIMITS.copied]).toEqual([1, true]);
  const reader = openForReading(file);
  onTestFinished(() => void reader.close());
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM pairs').get();
  write();
  // As far as the reader has seen, as if the last write had come while it was at it.
  copyAll();
  reader.exec('COMMIT');
  copies = 0;
  write();
  expect([copies, checkpointer.uncopiedBytes]).toEqual([0, 0]);
  const length = logBytes();
  write();
  expect(checkpointer.uncopiedBytes).toBeGreaterThan(0);
  expect(logBytes()).toBe(length);
});

it('leaves to the copier what is much, also when nothing is committed, and then empties the log', () => {
  write(LIMITS.rest + 4 * WRITE_BYTES);
  checkpointer.onTick();
  expect([copies, checkpointer.uncopiedBytes > LIMITS.rest]).toEqual([0, true]);
  checkpointer.onTick();
  expect(copies).toBe(1);
  expect(logBytes()).toBeGreaterThan(0);
  checkpointer.onTick();
  expect([copies, logBytes()]).toEqual([1, 0]);
});

it('lets writes wait where the copier does not get to it, so that the log has an end', () => {
  copy = () => true;
  for (let writes = 0; writes < 200; writes += 1) {
    write();
    expect(logBytes()).toBeLessThan(LIMITS.max + 4 * WRITE_BYTES);
  }
  expect(statSync(file).size).toBeGreaterThan(100 * WRITE_BYTES);
});

it('copies by itself where there can be no copier', () => {
  copy = () => false;
  for (let writes = 0; writes < 200; writes += 1) {
    write();
    expect(logBytes()).toBeLessThan(LIMITS.copied + 4 * WRITE_BYTES);
  }
  expect(statSync(file).size).toBeGreaterThan(100 * WRITE_BYTES);
});

it('lets the log grow behind a reader that stays, and shortens it when that has gone', () => {
  const reader = openForReading(file);
  onTestFinished(() => void reader.close());
  reader.exec('BEGIN; SELECT * FROM pairs');
  reader.prepare('SELECT count(*) FROM pairs').get();
  for (let writes = 0; writes < 60; writes += 1) write();
  expect(logBytes()).toBeGreaterThan(2 * LIMITS.copied);
  reader.exec('COMMIT');
  const grown = logBytes();
  for (let writes = 0; writes < 60; writes += 1) write();
  expect(logBytes()).toBeLessThan(grown + 4 * WRITE_BYTES);
  checkpointer.close();
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
  checkpointer.close();
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
  checkpointer.close();
  expect(logBytes()).toBeGreaterThan(0);
  expect(database.pragma('busy_timeout', { simple: true })).toBe(5_000);
  reader.exec('COMMIT');
  checkpointer.close();
  expect(logBytes()).toBe(0);
});

it('lets no write wait for what the log grows by while a backup holds it, and begins it anew afterwards', () => {
  const reader = openForReading(file);
  onTestFinished(() => void reader.close());
  held = true;
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM pairs').get();
  for (let written = 0; written < 3 * LIMITS.max; written += WRITE_BYTES) write();
  checkpointer.onTick();
  checkpointer.onTick();
  expect([settled, checkpointer.heldBytes > 2 * LIMITS.max]).toEqual([0, true]);
  reader.exec('COMMIT');
  held = false;
  copy = () => true;
  // Copied in the background, and not by whoever writes next.
  write();
  expect([settled, checkpointer.uncopiedBytes > 2 * LIMITS.max]).toEqual([0, true]);
  const limit = checkpointer.heldBytes + LIMITS.max;
  for (let written = 0; written < limit && settled === 0; written += WRITE_BYTES) write();
  expect(settled).toBeGreaterThan(0);
  copy = copyAll;
  for (let writes = 0; writes < 3; writes += 1) write();
  expect([checkpointer.heldBytes, checkpointer.uncopiedBytes < LIMITS.copied]).toEqual([0, true]);
});

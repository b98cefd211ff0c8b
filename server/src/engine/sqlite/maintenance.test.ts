import { statSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { type Pair, packPairs } from '../../kv/puts.ts';
import { temporaryDirectory } from '../conformance/temporary-directory.ts';
import { openForWriting } from './connection.ts';
import { SQLITE } from './constants.ts';
import { DiskFloor } from './disk.ts';
import { Maintenance, type MaintenanceOptions } from './maintenance.ts';
import type { Change } from './messages.ts';
import { databaseFile, prepareDatabase } from './schema.ts';
import { Writer } from './writer.ts';

const NOW = 1_800_000_000;
const address = { account: 'account', id: 'id' };

let database: Database.Database;
let writer: Writer;

beforeEach(() => {
  const directory = temporaryDirectory();
  prepareDatabase(directory);
  const connection = openForWriting(databaseFile(directory));
  onTestFinished(() => void connection.close());
  database = connection;
  writer = new Writer(database, new DiskFloor(0, () => Number.MAX_SAFE_INTEGER));
  execute({ kind: 'createNamespace', account: 'account', namespace: { id: 'id', title: 'title' } });
});

function execute(change: Change): void {
  expect(writer.execute([{ number: 1, count: 1, change }])).toEqual([{ number: 1, count: 1 }]);
}

function put(pairs: readonly Pair[]): void {
  const puts = packPairs(pairs);
  execute({ kind: 'write', address, puts, bytes: puts.arena.length });
}

function pairs(count: number, rest: Partial<Pair> = {}): Pair[] {
  const { key = 'key', ...same } = rest;
  return Array.from({ length: count }, (_, index) => ({ value: Buffer.alloc(10), ...same, key: `${key}-${index}` }));
}

function count(table: string): number {
  return database.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get() ?? -1;
}

/** Steps until nothing is left, and how many they were. */
function finish(options: MaintenanceOptions, now = NOW): number {
  const maintenance = new Maintenance(database, options);
  let steps = 1;
  while (maintenance.step(now)) steps += 1;
  return steps;
}

/** A clock that goes on by a millisecond whenever it is looked at. */
function countedMs(): () => number {
  let ms = 0;
  return () => {
    ms += 1;
    return ms;
  };
}

it('has nothing to do in a fresh database', () => {
  expect(finish({})).toBe(1);
});

it('removes what has expired a while ago, and nothing else', () => {
  const expired = NOW - SQLITE.sweepDelaySeconds;
  put([
    { key: 'long ago', value: Buffer.alloc(1), expiresAt: expired },
    { key: 'just now', value: Buffer.alloc(1), expiresAt: expired + 1 },
    { key: 'later', value: Buffer.alloc(1), expiresAt: NOW + 1 },
    { key: 'never', value: Buffer.alloc(1) },
  ]);
  finish({});
  const keys = database.prepare<[], string>('SELECT CAST(key AS TEXT) FROM pairs ORDER BY key').pluck().all();
  expect(keys).toEqual(['just now', 'later', 'never']);
});

it('tells how many expired pairs it has removed, and of no others', () => {
  put(pairs(7, { expiresAt: 1 }));
  put(pairs(3, { key: 'immortal' }));
  execute({ kind: 'deleteNamespace', address });
  let swept = 0;
  const onSwept = (pairs: number) => {
    swept += pairs;
  };
  finish({ onSwept, elapsedMs: countedMs() });
  expect([swept, count('pairs')]).toEqual([7, 0]);
});

it('removes the pairs of deleted namespaces, and nothing else', () => {
  put(pairs(500));
  execute({ kind: 'deleteNamespace', address });
  execute({ kind: 'createNamespace', account: 'account', namespace: { id: 'id', title: 'title' } });
  put(pairs(3));
  execute({ kind: 'createNamespace', account: 'account', namespace: { id: 'second', title: 'empty' } });
  execute({ kind: 'deleteNamespace', address: { account: 'account', id: 'second' } });
  expect([count('pairs'), count('reclaim')]).toEqual([503, 2]);
  finish({});
  expect([count('pairs'), count('reclaim'), count('namespaces')]).toEqual([3, 0, 1]);
});

it('ends a step when its time is over', () => {
  put(pairs(100, { key: 'mortal', expiresAt: 1 }));
  put(pairs(100, { key: 'immortal' }));
  execute({ kind: 'deleteNamespace', address });
  // On this clock a pair takes a millisecond.
  const maintenance = new Maintenance(database, { elapsedMs: countedMs() });
  for (let left = 200; left > 0; left = count('pairs')) {
    maintenance.step(NOW);
    expect(count('pairs')).toBeGreaterThanOrEqual(left - SQLITE.maintenanceStepMs);
    expect(count('pairs')).toBeLessThan(left);
  }
});

it('removes at least one pair a step, however long it takes', () => {
  put(pairs(3, { expiresAt: 1 }));
  let ms = 0;
  const maintenance = new Maintenance(database, { elapsedMs: () => (ms += 1_000) });
  expect([maintenance.step(NOW), maintenance.step(NOW), maintenance.step(NOW)]).toEqual([true, true, true]);
  expect(count('pairs')).toBe(0);
});

it('gives pages back, up to what is kept for coming writes', () => {
  const value = Buffer.alloc(100_000);
  put(Array.from({ length: 200 }, (_, index) => ({ key: String(index), value })));
  execute({ kind: 'deleteNamespace', address });
  const bytes = () => {
    database.pragma('wal_checkpoint(TRUNCATE)');
    return statSync(database.name).size;
  };
  const full = bytes();
  finish({ freePagesKept: 200 });
  expect(database.pragma('freelist_count', { simple: true })).toBe(200);
  const shrunk = bytes();
  expect(shrunk).toBeLessThan(full - 300 * SQLITE.pageBytes);
  const steps = finish({ freePagesKept: 0, elapsedMs: countedMs() });
  expect(steps).toBeGreaterThan(1);
  expect(database.pragma('freelist_count', { simple: true })).toBe(0);
  expect(bytes()).toBeLessThanOrEqual(shrunk - 200 * SQLITE.pageBytes);
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
});

it('leaves the work for later while another process has locked the database', () => {
  put(pairs(3, { expiresAt: 1 }));
  const other = openForWriting(database.name);
  onTestFinished(() => void other.close());
  other.exec('BEGIN IMMEDIATE');
  database.pragma('busy_timeout = 0');
  expect(finish({})).toBe(1);
  expect(count('pairs')).toBe(3);
  other.exec('COMMIT');
  finish({});
  expect(count('pairs')).toBe(0);
});

it('finds its work by an index', () => {
  const plans = [
    ['SELECT id FROM pairs WHERE expires <= ? ORDER BY expires LIMIT 1', 'COVERING INDEX pairs_expiring'],
    ['SELECT id FROM pairs WHERE namespace = ? LIMIT 1', 'COVERING INDEX pairs_by_key'],
  ] as const;
  for (const [sql, index] of plans) {
    const [row] = database.prepare<number[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(1);
    expect(row?.detail).toContain(index);
  }
});

import type Database from 'better-sqlite3';
import fc from 'fast-check';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { type Pair, packPairs } from '../../kv/puts.ts';
import { temporaryDirectory } from '../conformance/temporary-directory.ts';
import { openForWriting } from './connection.ts';
import { SQLITE } from './constants.ts';
import { packKeys } from './key-arena.ts';
import { DELETE, DELETE_STEP, PairWriter, PUT, PUT_STEP } from './pair-writer.ts';
import { databaseFile, prepareDatabase } from './schema.ts';

const NAMESPACE = 7;
const BULK = SQLITE.bulkChangesMin;
/** With these, so many values as go into a statement weigh less than it takes, or more. */
const [SMALL_BYTES, LARGE_BYTES] = [10, 1 + SQLITE.statementBytesMax / SQLITE.changesPerStatement];

let database: Database.Database;
let writer: PairWriter;

beforeEach(() => {
  const directory = temporaryDirectory();
  prepareDatabase(directory);
  const connection = openForWriting(databaseFile(directory));
  onTestFinished(() => void connection.close());
  database = connection;
  writer = new PairWriter(database);
});

function storedPairs(namespace: number): Pair[] {
  const rows = database
    .prepare<[number], [string, Buffer, string | null, number | null]>(
      `SELECT CAST(key AS TEXT), value, CAST(metadata AS TEXT), expires FROM pairs WHERE namespace = ? ORDER BY key`,
    )
    .raw()
    .all(namespace);
  return rows.map(([key, value, metadata, expires]) => ({
    key,
    value,
    metadata: metadata ?? undefined,
    expiresAt: expires ?? undefined,
  }));
}

function numbered(count: number, valueBytes = SMALL_BYTES): Pair[] {
  return Array.from({ length: count }, (_, number) => ({
    key: String((number * 7_919) % count).padStart(5, '0'),
    value: Buffer.alloc(valueBytes, String(number)),
    metadata: number % 3 === 0 ? `"${number}"` : undefined,
    expiresAt: number % 5 === 0 ? number + 1 : undefined,
  }));
}

function byKey(pairs: Iterable<Pair>): Pair[] {
  return [...pairs].toSorted((left, right) => Buffer.compare(Buffer.from(left.key), Buffer.from(right.key)));
}

const VERSION = fc.record({
  valueBytes: fc.constantFrom(0, SMALL_BYTES, LARGE_BYTES),
  metadata: fc.option(fc.constantFrom('{}', '"é"'), { nil: undefined }),
  expiresAt: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
});
/** Keys in any order, each once. */
const KEYS = fc.shuffledSubarray(
  Array.from({ length: 3 * BULK }, (_, number) => `key-${'x'.repeat(number % 7)}${number}`),
);
const STEP = fc.oneof(fc.record({ keys: KEYS, version: VERSION }), fc.record({ keys: KEYS }));

it('leaves what a Map would hold, whatever is put and deleted', () => {
  const property = fc.property(fc.array(STEP, { maxLength: 8 }), operations => {
    database.exec('DELETE FROM pairs');
    const model = new Map<string, Pair>();
    for (const { keys, ...put } of operations) {
      if ('version' in put) {
        const { valueBytes, ...rest } = put.version;
        const pairs = keys.map(key => ({ key, value: Buffer.alloc(valueBytes, key), ...rest }));
        writer.put(NAMESPACE, packPairs(pairs));
        for (const pair of pairs) model.set(pair.key, pair);
      } else {
        writer.delete(NAMESPACE, packKeys(keys));
        for (const key of keys) model.delete(key);
      }
    }
    expect(storedPairs(NAMESPACE)).toEqual(byKey(model.values()));
  });
  fc.assert(property, { numRuns: 15 });
});

it.each([
  ['few', BULK - 1, SMALL_BYTES],
  ['as many as a bulk has', BULK, SMALL_BYTES],
  ['more than fill statements', 3 * SQLITE.changesPerStatement + 1, SMALL_BYTES],
  ['large ones', BULK, LARGE_BYTES],
])('keeps every key once when it is put again: %s', (_, count, valueBytes) => {
  const pairs = numbered(count, valueBytes);
  writer.put(NAMESPACE, packPairs(pairs));
  expect(storedPairs(NAMESPACE)).toEqual(byKey(pairs));
  const others = pairs.map(({ key }) => ({ key, value: Buffer.alloc(1), metadata: undefined, expiresAt: undefined }));
  writer.put(NAMESPACE, packPairs(others));
  expect(storedPairs(NAMESPACE)).toEqual(byKey(others));
});

it('leaves other namespaces alone', () => {
  const pairs = numbered(2 * BULK);
  const keys = packKeys(pairs.map(({ key }) => key));
  for (const namespace of [1, 2]) writer.put(namespace, packPairs(pairs));
  writer.put(1, packPairs(pairs.map(({ key }) => ({ key, value: Buffer.alloc(0) }))));
  expect(storedPairs(2)).toEqual(byKey(pairs));
  writer.delete(1, keys);
  expect(storedPairs(1)).toEqual([]);
  expect(storedPairs(2)).toEqual(byKey(pairs));
});

it.each([PUT, PUT_STEP, DELETE, DELETE_STEP])('looks keys up in the index that holds them: %#', sql => {
  const plan = database.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`);
  const parameters = sql.split('?').slice(1);
  expect(plan.all(parameters).map(({ detail }) => detail)).toContainEqual(
    expect.stringMatching(/^SEARCH pairs USING (COVERING )?INDEX pairs_by_key \(namespace=\? AND key=\?\)$/),
  );
});

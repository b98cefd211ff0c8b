import type Database from 'better-sqlite3';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { packPairs } from '../../kv/puts.ts';
import { temporaryDirectory } from '../conformance/temporary-directory.ts';
import { openForWriting } from './connection.ts';
import { DiskFloor } from './disk.ts';
import { packKeys } from './key-arena.ts';
import type { Change, Outcome, WriteChange } from './messages.ts';
import { databaseFile, prepareDatabase } from './schema.ts';
import { Writer } from './writer.ts';

const account = 'account';
const address = { account, id: 'id' };
const create = { kind: 'createNamespace', account, namespace: { id: 'id', title: 'title' } } as const;

function put(key: string, value = '', id = 'id'): WriteChange {
  const puts = packPairs([{ key, value: Buffer.from(value) }]);
  return { kind: 'write', address: { account, id }, puts, bytes: key.length + value.length };
}

function remove(key: string): WriteChange {
  return { kind: 'write', address, deletes: packKeys([key]), bytes: key.length };
}

let database: Database.Database;
let freeBytes: number;
let writer: Writer;

function execute(...changes: Change[]): (Outcome['failure'] | 'done')[] {
  const outcomes = writer.execute(changes.map((change, number) => ({ number, count: 1, change })));
  expect(outcomes.map(({ number }) => number)).toEqual(changes.map((_, number) => number));
  return outcomes.map(({ failure }) => failure ?? 'done');
}

function storedKeys(): string[] {
  return database.prepare<[], string>('SELECT CAST(key AS TEXT) FROM pairs ORDER BY key').pluck().all();
}

beforeEach(() => {
  const directory = temporaryDirectory();
  prepareDatabase(directory);
  const connection = openForWriting(databaseFile(directory));
  onTestFinished(() => void connection.close());
  database = connection;
  freeBytes = 1_000_000;
  writer = new Writer(database, new DiskFloor(1_000, () => freeBytes));
  execute(create);
});

describe('a group', () => {
  it('tells each request its own result', () => {
    const outcomes = execute(
      put('a'),
      put('b', '', 'missing'),
      { kind: 'createNamespace', account, namespace: { id: 'other', title: 'title' } },
      { kind: 'createNamespace', account, namespace: { id: 'id', title: 'other' } },
      put('c'),
    );
    expect(outcomes).toMatchObject([
      'done',
      { reason: 'namespaceMissing' },
      { reason: 'titleTaken' },
      { reason: 'idTaken' },
      'done',
    ]);
    expect(storedKeys()).toEqual(['a', 'c']);
  });

  it('executes its requests in their order', () => {
    const outcomes = execute(put('a'), { kind: 'deleteNamespace', address }, put('b'), create, put('c'), remove('a'));
    expect(outcomes).toMatchObject(['done', 'done', { reason: 'namespaceMissing' }, 'done', 'done', 'done']);
    const numbers = database.prepare<[], number>('SELECT namespace FROM pairs ORDER BY key').pluck().all();
    expect(numbers).toEqual([1, 2]);
  });

  it('saves the neighbours of a request that meets a defect', () => {
    database.exec(`
      CREATE TEMP TRIGGER defect BEFORE INSERT ON main.pairs WHEN NEW.key = CAST('bad' AS BLOB)
      BEGIN SELECT RAISE(ABORT, 'a defect'); END`);
    const bad = packPairs(['partly', 'bad'].map(key => ({ key, value: Buffer.alloc(1) })));
    const outcomes = execute(put('a'), { ...put('bad'), puts: bad }, put('b'), put('c', '', 'missing'));
    expect(outcomes).toMatchObject([
      'done',
      { message: expect.stringContaining('a defect') },
      'done',
      { reason: 'namespaceMissing' },
    ]);
    expect(storedKeys()).toEqual(['a', 'b']);
    expect(database.inTransaction).toBe(false);
  });

  it('saves the pairs that were joined with one that meets a defect', () => {
    database.exec(`
      CREATE TEMP TRIGGER defect BEFORE INSERT ON main.pairs WHEN NEW.key = CAST('bad' AS BLOB)
      BEGIN SELECT RAISE(ABORT, 'a defect'); END`);
    const puts = packPairs(['a', 'bad', 'b'].map(key => ({ key, value: Buffer.alloc(1) })));
    const outcomes = writer.execute([
      { number: 5, count: 3, change: { ...put('a'), puts } },
      { number: 8, count: 1, change: put('c') },
    ]);
    expect(outcomes).toEqual([
      { number: 5, count: 1 },
      { number: 6, count: 1, failure: { message: expect.stringContaining('a defect') } },
      { number: 7, count: 1 },
      { number: 8, count: 1 },
    ]);
    expect(storedKeys()).toEqual(['a', 'b', 'c']);
  });

  it('keeps the last of the pairs of one key that were joined', () => {
    const puts = packPairs(['1', '2', '3'].map(value => ({ key: 'a', value: Buffer.from(value) })));
    writer.execute([{ number: 1, count: 3, change: { ...put('a'), puts } }]);
    expect(storedKeys()).toEqual(['a']);
    expect(database.prepare('SELECT value FROM pairs').pluck().get()).toEqual(Buffer.from('3'));
  });

  it('names the namespace as a renaming has left it', () => {
    const outcomes = writer.execute([
      { number: 1, count: 1, change: { kind: 'renameNamespace', address, title: 'new' } },
    ]);
    expect(outcomes).toEqual([{ number: 1, count: 1, namespace: { id: 'id', title: 'new' } }]);
  });
});

describe('a write', () => {
  it('keeps a key once, whatever its expiry and metadata', () => {
    const versions = [{}, { metadata: '1' }, { metadata: '1', expiresAt: 5 }, { expiresAt: 6 }, {}];
    for (const version of versions) {
      const puts = packPairs([{ key: 'key', value: Buffer.alloc(0), ...version }]);
      execute({ ...put('key'), puts });
      expect(storedKeys()).toEqual(['key']);
    }
  });
});

describe('with little free disk space', () => {
  it('refuses puts, new titles and new tokens, but takes all that frees space', () => {
    execute(put('a'), put('b'));
    freeBytes = 999;
    const rename = { kind: 'renameNamespace', address, title: 'new' } as const;
    const second = { kind: 'createNamespace', account, namespace: { id: 'second', title: 'second' } } as const;
    const token = {
      kind: 'createToken',
      token: { id: 'id', name: 'name', hash: Buffer.alloc(32), createdAt: 1 },
    } as const;
    const outcomes = execute(put('c'), second, rename, token, remove('a'), { ...put('d'), deletes: packKeys(['b']) });
    const full = { reason: 'storageFull' };
    expect(outcomes).toMatchObject([full, full, full, full, 'done', full]);
    expect(storedKeys()).toEqual(['b']);
    expect(execute({ kind: 'setRootTokenHash', hash: Buffer.alloc(32) })).toEqual(['done']);
    expect(execute({ kind: 'deleteNamespace', address })).toEqual(['done']);
  });

  it('counts every byte twice, and all requests of a group together', () => {
    const value = 'x'.repeat(99);
    freeBytes = 1_000 + 2 * 100 - 1;
    expect(execute(put('a', value))).toMatchObject([{ reason: 'storageFull' }]);
    freeBytes = 1_000 + 4 * 100;
    expect(execute(put('a', value), put('b', value), put('c', value))).toMatchObject([
      'done',
      'done',
      { reason: 'storageFull' },
    ]);
    freeBytes = 1_000_000;
    expect(execute(put('c', value))).toEqual(['done']);
    expect(storedKeys()).toEqual(['a', 'b', 'c']);
  });
});

describe('with no disk space at all', () => {
  it('undoes the group, and works again when there is space', () => {
    execute(put('before'));
    const pages = Number(database.pragma('page_count', { simple: true }));
    database.pragma(`max_page_count = ${pages}`);
    const outcomes = execute(put('a'), put('b', 'x'.repeat(100_000)), put('c'));
    expect(outcomes).toEqual(Array(3).fill({ reason: 'storageFull', message: 'the disk is full' }));
    expect(storedKeys()).toEqual(['before']);
    database.pragma(`max_page_count = ${pages + 100}`);
    expect(execute(put('a'), put('b', 'x'.repeat(100_000)))).toEqual(['done', 'done']);
  });
});

describe('with the database locked by another process', () => {
  it('refuses, and works again afterwards', () => {
    database.pragma('busy_timeout = 0');
    const other = openForWriting(database.name);
    onTestFinished(() => void other.close());
    other.exec('BEGIN IMMEDIATE');
    expect(execute(put('a'))).toMatchObject([{ reason: 'unavailable' }]);
    other.exec('COMMIT');
    expect(execute(put('a'))).toEqual(['done']);
  });
});

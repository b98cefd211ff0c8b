import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { packPairs } from '../../kv/puts.ts';
import { temporaryDirectory } from '../conformance/temporary-directory.ts';
import { type BackupProgress, makeBackup } from './backup.ts';
import { BackupError } from './backup-error.ts';
import { openForReading, openForWriting } from './connection.ts';
import { SQLITE } from './constants.ts';
import { openSqliteEngine, type SharedEngine } from './engine.ts';
import { inspectDatabase } from './inspection.ts';
import { makeOldDatabase, OLD_LAYOUTS } from './layouts.fixture.ts';
import { refuseUsed, restoreBackup } from './restore.ts';
import { databaseFile, prepareDatabase } from './schema.ts';
import { verifyBackup, verifyDirectory } from './verification.ts';

const NOW = 1_800_000_000;
const LARGE = Buffer.alloc(3_000_000, 'large ');
const ADDRESS = { account: 'account', id: 'id' };

let data: string;
let target: string;

beforeEach(() => {
  data = temporaryDirectory();
  target = join(temporaryDirectory(), 'backup.db');
});

function order(rest: Partial<Parameters<typeof makeBackup>[0]> = {}) {
  return { directory: data, target, version: '1.2.3', now: NOW, diskFreeBytesMin: 0, ...rest };
}

function quietly(): void {}

async function openEngine(directory = data): Promise<SharedEngine> {
  const engine = await openSqliteEngine({ directory, clock: () => NOW, onFatal: quietly });
  onTestFinished(() => engine.close());
  return engine;
}

/** A data directory with some pairs, namespaces and a token. */
async function fill(directory = data): Promise<void> {
  const engine = await openEngine(directory);
  await engine.createNamespace('account', { id: 'id', title: 'title ✓' });
  await engine.createNamespace('other', { id: 'id', title: 'empty', jurisdiction: 'eu' });
  const puts = packPairs([
    { key: 'a', value: Buffer.alloc(0) },
    { key: 'b ✓', value: Buffer.from('value'), metadata: '{"a": 1}' },
    { key: 'c', value: LARGE, expiresAt: NOW + 1_000 },
  ]);
  await engine.write(ADDRESS, { puts });
  await engine.setRootTokenHash(Buffer.alloc(32, 7));
  await engine.close();
}

function open(file: string): Database.Database {
  const database = new Database(file);
  onTestFinished(() => void database.close());
  return database;
}

describe('a backup', () => {
  it('is one file for its owner only, which tells what it holds and is found whole', async () => {
    await fill();
    const report = await makeBackup(order(), quietly);
    expect(readdirSync(join(target, '..'))).toEqual(['backup.db']);
    expect(statSync(target).mode & 0o777).toBe(0o600);
    expect(report).toEqual({
      file: target,
      bytes: statSync(target).size,
      madeAt: NOW,
      layout: SQLITE.schemaVersion,
      namespaces: 2,
      pairs: 3,
    });
    const found = verifyBackup(target, quietly);
    expect(found).toMatchObject({ faults: [], madeAt: NOW, madeBy: '1.2.3', pairs: 3, layout: SQLITE.schemaVersion });
    expect(found.namespaces).toMatchObject([
      { account: 'account', id: 'id', title: 'title ✓', pairs: 3 },
      { account: 'other', id: 'id', title: 'empty', pairs: 0 },
    ]);
    expect(readdirSync(join(target, '..'))).toEqual(['backup.db']);
    expect(open(target).pragma('journal_mode', { simple: true })).toBe('delete');
  });

  it('shows one instant, however much others commit while it is copied, and begins but once', async () => {
    await fill();
    const writer = openForWriting(databaseFile(data));
    onTestFinished(() => void writer.close());
    const put = writer.prepare(
      'INSERT INTO pairs (namespace, key, value) VALUES (1, CAST(? AS BLOB), zeroblob(30000))',
    );
    const insert = (count: number, from: number) => {
      for (let number = 0; number < count; number++) put.run(from + number);
    };
    writer.transaction(() => insert(500, 1))();
    const before = Number(writer.prepare('SELECT count(*) FROM pairs').pluck().get());
    const copied: number[] = [];
    await makeBackup(order(), ({ phase, bytes }) => {
      if (phase !== 'copying') return;
      copied.push(bytes);
      insert(1, 1_000 + copied.length);
      if (copied.length === 5) writer.pragma('wal_checkpoint(PASSIVE)');
    });
    expect(copied.length).toBeGreaterThan(10);
    expect(copied).toEqual(copied.toSorted((a, b) => a - b));
    expect(open(target).prepare('SELECT count(*) FROM pairs').pluck().get()).toBe(before);
    expect(writer.prepare('SELECT count(*) FROM pairs').pluck().get()).toBe(before + copied.length);
  });

  it('takes the place of one that was broken off, and of no other file', async () => {
    await fill();
    writeFileSync(`${target}.partial`, 'half');
    await makeBackup(order(), quietly);
    expect(existsSync(`${target}.partial`)).toBe(false);
    const bytes = readFileSync(target);
    await expect(makeBackup(order(), quietly)).rejects.toThrow(`${target} is there already`);
    expect(readFileSync(target)).toEqual(bytes);
  });

  it.each(['copying', 'checking', 'reading'] as const)('that ends while %s leaves nothing', async phase => {
    await fill();
    const end = (progress: BackupProgress) => {
      if (progress.phase === phase) throw new BackupError('it has to end');
    };
    await expect(makeBackup(order(), end)).rejects.toThrow('it has to end');
    expect(readdirSync(join(target, '..'))).toEqual([]);
  });

  it('is refused where it has no room, or would take that of the server', async () => {
    await fill();
    const floor = order({ diskFreeBytesMin: 2 ** 60 });
    await expect(makeBackup(floor, quietly)).rejects.toThrow(
      /has \d+ bytes free, where \d+ are needed, and \d+ are to/,
    );
    expect(readdirSync(join(target, '..'))).toEqual([]);
  });

  it('is not made of a damaged database', async () => {
    await fill();
    const writer = openForWriting(databaseFile(data));
    writer.exec("INSERT INTO pairs (namespace, key, value) VALUES (1, CAST('a' AS BLOB), x'')");
    writer.close();
    await expect(makeBackup(order(), quietly)).rejects.toThrow('more than once in their namespace: 1');
    expect(readdirSync(join(target, '..'))).toEqual([]);
  });

  it.each(OLD_LAYOUTS)('is made of layout $version as it is', async old => {
    const { version: layout } = old;
    makeOldDatabase(data, old);
    expect(await makeBackup(order(), quietly)).toMatchObject({ layout });
    expect(verifyBackup(target, quietly)).toMatchObject({ layout, faults: [] });
    const restored = temporaryDirectory();
    restoreBackup(target, restored, quietly);
    prepareDatabase(restored);
    prepareDatabase(data);
    expect(verifyDirectory(restored, quietly).namespaces).toEqual(verifyDirectory(data, quietly).namespaces);
  });
});

describe('the engine at work', () => {
  it('has a backup made in a process of its own, and holds the log no longer than it is copied', async () => {
    await fill();
    const engine = await openEngine();
    const phases = new Set<string>();
    const watch = {
      onProgress: ({ phase }: BackupProgress) => phases.add(phase),
      signal: new AbortController().signal,
    };
    const report = await engine.backups.backUp({ target, version: '1.2.3' }, watch);
    expect(report).toMatchObject({ file: target, madeAt: NOW, pairs: 3 });
    expect([...phases]).toEqual(['copying', 'checking', 'reading']);
    await expect(engine.backups.backUp({ target, version: '1.2.3' }, watch)).rejects.toThrow('is there already');
    expect(verifyBackup(target, quietly).faults).toEqual([]);
  });

  it('ends a backup at once, of which nothing is left', async () => {
    await fill();
    const engine = await openEngine();
    const controller = new AbortController();
    const reason = new BackupError('the server is stopping');
    const watch = { onProgress: () => controller.abort(reason), signal: controller.signal };
    await expect(engine.backups.backUp({ target, version: '1.2.3' }, watch)).rejects.toBe(reason);
    expect(readdirSync(join(target, '..'))).toEqual([]);
  });
});

describe('verification', () => {
  it('finds every single bit of a value, of metadata and of an expiry that has changed', async () => {
    await fill();
    await makeBackup(order(), quietly);
    const whole = verifyBackup(target, quietly);
    expect(whole.faults).toEqual([]);
    const database = open(target);
    const pairs = database.prepare('SELECT id, value FROM pairs WHERE length(value) > 0').all() as {
      id: number;
      value: Buffer;
    }[];
    const set = database.prepare('UPDATE pairs SET value = ? WHERE id = ?');
    fc.assert(
      fc.property(fc.constantFrom(...pairs), fc.nat(), fc.nat(7), ({ id, value }, place, bit) => {
        const changed = Buffer.from(value);
        const at = place % value.length;
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        set.run(changed, id);
        const { faults } = verifyBackup(target, quietly);
        expect(faults).toEqual(['the pairs of namespace id ("title ✓") are not those that were backed up']);
        set.run(value, id);
      }),
      { numRuns: 30 },
    );
    expect(verifyBackup(target, quietly)).toEqual(whole);
    for (const sql of [
      'UPDATE pairs SET metadata = CAST(\'{"a":  1}\' AS BLOB) WHERE metadata IS NOT NULL',
      'UPDATE pairs SET expires = expires + 1 WHERE expires IS NOT NULL',
      'UPDATE pairs SET value = metadata, metadata = value WHERE metadata IS NOT NULL',
    ]) {
      database.exec('BEGIN');
      database.exec(sql);
      database.exec('COMMIT');
      expect(verifyBackup(target, quietly).faults).toHaveLength(1);
    }
  });

  it('finds a bit that the disk has turned in the file, wherever in a value it is', async () => {
    await fill();
    await makeBackup(order(), quietly);
    const bytes = readFileSync(target);
    const places = [...bytes.toString('latin1').matchAll(/(?:large ){100}/g)].map(({ index }) => index);
    expect(places.length).toBeGreaterThan(4_000);
    const turned = join(temporaryDirectory(), 'turned.db');
    const select = "SELECT value FROM pairs WHERE key = CAST('c' AS BLOB)";
    let changed = 0;
    for (const place of [0, 1, 77, 2_222, 4_000, places.length - 1].map(index => places[index] ?? 0)) {
      const copy = Buffer.from(bytes);
      copy[place] = (copy[place] ?? 0) ^ 4;
      writeFileSync(turned, copy);
      const database = new Database(turned, { readonly: true });
      const value = database.prepare<[], Buffer>(select).pluck().get();
      database.close();
      // Room that a value leaves of a page may hold the same bytes, which are nobody's.
      const isChanged = !value?.equals(LARGE);
      if (isChanged) changed += 1;
      const fault = 'the pairs of namespace id ("title ✓") are not those that were backed up';
      expect([place, verifyBackup(turned, quietly).faults]).toEqual([place, isChanged ? [fault] : []]);
    }
    expect(changed).toBeGreaterThan(3);
  });

  it.each([
    [
      'a namespace that has another name',
      "UPDATE namespaces SET title = 'x' WHERE account = 'other'",
      /namespaces, tok/,
    ],
    [
      'a namespace that is gone',
      "DELETE FROM namespaces WHERE account = 'other'",
      /^namespace id \("empty"\) is missing/,
    ],
    ['a root token that was replaced', 'UPDATE settings SET value = zeroblob(32)', /namespaces, tokens or settings/],
    ['a pair that is gone', 'DELETE FROM pairs WHERE id = 1', /has 2 pairs, where 3 were backed up/],
    ['a note that cannot be read', "UPDATE backup SET note = 'x'", /tells of itself cannot be read/],
  ])('finds %s', async (_, sql, fault) => {
    await fill();
    await makeBackup(order(), quietly);
    open(target).exec(sql);
    expect(verifyBackup(target, quietly).faults).toEqual(expect.arrayContaining([expect.stringMatching(fault)]));
  });

  it('refuses what is no backup, in words', async () => {
    await fill();
    const text = join(temporaryDirectory(), 'text');
    for (const [contents, message] of [
      ['', 'it is empty'],
      ['a text that is long enough to be looked into '.repeat(100), 'not a database'],
    ] as const) {
      writeFileSync(text, contents);
      expect(() => verifyBackup(text, quietly)).toThrow(BackupError);
      expect(() => verifyBackup(text, quietly)).toThrow(message);
    }
    expect(() => verifyBackup(databaseFile(data), quietly)).toThrow('is no backup, but the database of a server');
    open(text.replace('text', 'other')).exec('CREATE TABLE t (a)');
    expect(() => verifyBackup(text.replace('text', 'other'), quietly)).toThrow('another program');
    await makeBackup(order(), quietly);
    open(target).pragma(`user_version = ${SQLITE.schemaVersion + 1}`);
    expect(() => verifyBackup(target, quietly)).toThrow('newer Freehold');
  });

  it('tells the same checksums of a data directory as of its backup, and leaves it as it is', async () => {
    await fill();
    await makeBackup(order(), quietly);
    const before = readdirSync(data);
    const { namespaces, recordsSha256, faults } = verifyDirectory(data, quietly);
    expect({ namespaces, recordsSha256 }).toEqual(pick(verifyBackup(target, quietly)));
    expect(faults).toEqual([]);
    expect(readdirSync(data)).toEqual(before);
  });

  it('refuses a directory that an engine has open, and one without a database', async () => {
    await fill();
    await openEngine();
    expect(() => verifyDirectory(data, quietly)).toThrow('in use by another Freehold server');
    expect(() => verifyDirectory(temporaryDirectory(), quietly)).toThrow('there is no Freehold database in');
  });
});

function pick({ namespaces, recordsSha256 }: ReturnType<typeof verifyBackup>) {
  return { namespaces, recordsSha256 };
}

describe('restoring', () => {
  it('makes a directory as a first start makes it, with all that was backed up', async () => {
    await fill();
    await makeBackup(order(), quietly);
    const directory = temporaryDirectory();
    restoreBackup(target, directory, quietly);
    expect(readdirSync(directory).toSorted()).toEqual(['freehold.db', 'lock.db']);
    expect(statSync(databaseFile(directory)).mode & 0o777).toBe(0o600);
    expect(pick(verifyDirectory(directory, quietly))).toEqual(pick(verifyBackup(target, quietly)));
    const fresh = temporaryDirectory();
    prepareDatabase(fresh);
    const schema = 'SELECT type, name, sql FROM sqlite_schema ORDER BY name';
    const [restored, made] = [directory, fresh].map(each => openForReading(databaseFile(each)));
    onTestFinished(() => {
      restored?.close();
      made?.close();
    });
    expect(restored?.prepare(schema).all()).toEqual(made?.prepare(schema).all());
    for (const pragma of ['journal_mode', 'auto_vacuum', 'page_size', 'user_version', 'application_id']) {
      expect([pragma, restored?.pragma(pragma)]).toEqual([pragma, made?.pragma(pragma)]);
    }
    expect(inspectDatabase(directory)).toMatchObject({ kind: 'inspected', pairs: 3, faults: [] });
    const engine = await openEngine(directory);
    expect((await engine.get(ADDRESS, 'c'))?.value).toHaveLength(3_000_000);
    expect(await engine.rootTokenHash()).toEqual(Buffer.alloc(32, 7));
  });

  it('refuses a directory in which there is anything, and goes on after one that was broken off', async () => {
    await fill();
    await makeBackup(order(), quietly);
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'lost+found'));
    writeFileSync(join(directory, 'freehold.db.restoring'), 'half');
    writeFileSync(join(directory, 'root-token'), 'token');
    const refusal = /is not empty: there is root-token in it/;
    expect(() => refuseUsed(directory)).toThrow(refusal);
    expect(() => restoreBackup(target, directory, quietly)).toThrow(refusal);
    expect(() => refuseUsed(data)).toThrow('freehold.db in it');
    expect(() => refuseUsed(join(directory, 'new'))).not.toThrow();

    rmSync(join(directory, 'root-token'));
    expect(() => prepareDatabase(directory)).toThrow('a restore into');
    restoreBackup(target, directory, quietly);
    expect(existsSync(join(directory, 'freehold.db.restoring'))).toBe(false);
    prepareDatabase(directory);
  });

  it('that is broken off leaves no database', async () => {
    await fill();
    await makeBackup(order(), quietly);
    const directory = temporaryDirectory();
    const end = () => {
      throw new BackupError('it has to end');
    };
    expect(() => restoreBackup(target, directory, end)).toThrow('it has to end');
    expect(readdirSync(directory)).toEqual(['lock.db']);
  });
});

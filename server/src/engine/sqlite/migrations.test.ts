import { copyFileSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../conformance/temporary-directory.ts';
import { openForReading, openForWriting } from './connection.ts';
import { openSqliteEngine } from './engine.ts';
import { makeOldDatabase, OLD_LAYOUTS } from './layouts.fixture.ts';
import { migrate } from './migrations.ts';
import { databaseFile, prepareDatabase } from './schema.ts';

function look<Result>(directory: string, read: (database: Database.Database) => Result): Result {
  const database = openForReading(databaseFile(directory));
  try {
    return read(database);
  } finally {
    database.close();
  }
}

/** The whole layout, to the letter, with the settings that lie in the file. */
function layoutOf(directory: string): unknown {
  // Pages keep the size that they were made with.
  const settings = ['user_version', 'application_id', 'auto_vacuum', 'encoding', 'journal_mode'];
  return look(directory, database => [
    database.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name').all(),
    settings.map(name => database.pragma(name, { simple: true })),
  ]);
}

function freshLayout(): unknown {
  const directory = temporaryDirectory();
  prepareDatabase(directory);
  return layoutOf(directory);
}

/** The files as they are at this moment, which is how a crash would leave them. */
function imageOf(directory: string): string {
  const image = temporaryDirectory();
  for (const suffix of ['', '-wal']) {
    const file = databaseFile(directory) + suffix;
    if (existsSync(file)) copyFileSync(file, databaseFile(image) + suffix);
  }
  return image;
}

function logBytes(directory: string): number {
  return statSync(`${databaseFile(directory)}-wal`, { throwIfNoEntry: false })?.size ?? 0;
}

describe.each(OLD_LAYOUTS)('from layout $version', old => {
  function oldDirectory(): string {
    const directory = temporaryDirectory();
    makeOldDatabase(directory, old);
    return directory;
  }

  /** All that a database of that layout holds. */
  function rowsOf(directory: string): unknown[] {
    return look(directory, database =>
      Object.entries(old.tables).map(([table, columns]) =>
        database.prepare(`SELECT ${columns} FROM ${table} ORDER BY 1`).all(),
      ),
    );
  }

  it('gives an older database exactly the layout of a fresh one', () => {
    const directory = oldDirectory();
    expect(layoutOf(directory)).not.toEqual(freshLayout());
    prepareDatabase(directory);
    expect(readdirSync(directory)).toEqual(['freehold.db']);
    expect(layoutOf(directory)).toEqual(freshLayout());
    expect(look(directory, database => database.pragma('integrity_check', { simple: true }))).toBe('ok');
  });

  it('keeps all that an older database holds', () => {
    const directory = oldDirectory();
    const before = rowsOf(directory);
    prepareDatabase(directory);
    expect(rowsOf(directory)).toEqual(before);
  });

  it('leaves a database of this release as it is', () => {
    const directory = oldDirectory();
    prepareDatabase(directory);
    const before = readFileSync(databaseFile(directory));
    prepareDatabase(directory);
    expect(readFileSync(databaseFile(directory)).equals(before)).toBe(true);
  });

  it('brings an older database up together with what a crash left in its log', () => {
    const directory = oldDirectory();
    const database = openForWriting(databaseFile(directory));
    onTestFinished(() => void database.close());
    database.exec(`INSERT INTO settings VALUES ('name', x'01')`);
    const crashed = imageOf(directory);
    expect(logBytes(crashed)).toBeGreaterThan(0);
    const before = rowsOf(crashed);
    expect(before).not.toEqual(rowsOf(oldDirectory()));
    prepareDatabase(crashed);
    expect(layoutOf(crashed)).toEqual(freshLayout());
    expect(rowsOf(crashed)).toEqual(before);
  });

  it('has done all or nothing after a crash at any statement', () => {
    const directory = oldDirectory();
    const [layout, rows] = [layoutOf(directory), rowsOf(directory)];
    const images: string[] = [];
    const database = new Database(databaseFile(directory), { verbose: () => images.push(imageOf(directory)) });
    onTestFinished(() => void database.close());
    // With no memory to keep them in, pages reach the log before the commit.
    database.pragma('cache_size = 1');
    migrate(database);
    const done = imageOf(directory);
    expect(images.some(image => logBytes(image) > 0)).toBe(true);
    for (const image of images) {
      expect(layoutOf(image)).toEqual(layout);
      prepareDatabase(image);
    }
    expect(layoutOf(done)).toEqual(freshLayout());
    for (const image of [...images, done]) {
      expect(layoutOf(image)).toEqual(freshLayout());
      expect(rowsOf(image)).toEqual(rows);
    }
  });

  it('says so where the disk is full, changes nothing, and works when there is space', () => {
    const directory = oldDirectory();
    const layout = layoutOf(directory);
    const database = openForWriting(databaseFile(directory));
    onTestFinished(() => void database.close());
    const pages = Number(database.pragma('page_count', { simple: true }));
    database.pragma(`max_page_count = ${pages}`);
    expect(() => migrate(database)).toThrow(
      expect.objectContaining({
        reason: 'diskFull',
        message: expect.stringMatching(/the disk is full.*Free some space/),
      }),
    );
    expect(layoutOf(directory)).toEqual(layout);
    database.pragma(`max_page_count = ${pages + 100}`);
    migrate(database);
    expect(layoutOf(directory)).toEqual(freshLayout());
  });

  it('lets an engine go on with an older database', async () => {
    const directory = oldDirectory();
    const onFatal = (error: Error) => {
      throw error;
    };
    const engine = await openSqliteEngine({ directory, clock: () => 1_800_000_000, onFatal });
    onTestFinished(() => engine.close());
    expect(await engine.accountsOfNamespace('1')).toEqual(['a', 'b']);
    expect((await engine.get({ account: 'a', id: '1' }, 'key'))?.value.toString()).toBe('value');
    expect(await engine.rootTokenHash()).toEqual(Buffer.alloc(32));
    const token = { id: 'id', name: 'name', hash: Buffer.alloc(32, 1), createdAt: 1 };
    await engine.createToken(token);
    expect(await engine.findToken(token.hash)).toEqual(token);
  });
});

it('takes tokens of layout 2 for such as may change things, do not expire and were not used', async () => {
  const directory = temporaryDirectory();
  makeOldDatabase(directory, OLD_LAYOUTS[1] ?? expect.unreachable());
  const engine = await openSqliteEngine({ directory, clock: () => 1_800_000_000, onFatal: () => {} });
  onTestFinished(() => engine.close());
  const common = { hash: expect.anything(), account: 'a' };
  expect(await engine.listTokens({ offset: 0, limit: 10 })).toEqual({
    tokens: [
      { ...common, id: 'first', name: 'of an account', createdAt: 1_700_000_000 },
      { ...common, id: 'second', name: 'of namespaces', createdAt: 1_700_000_001, namespaces: ['1', '4'] },
      { hash: expect.anything(), id: 'third', name: 'of everything', createdAt: 1_700_000_002 },
    ],
    total: 3,
  });
  expect((await engine.findToken(Buffer.of(2)))?.id).toBe('second');
});

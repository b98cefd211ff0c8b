import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../conformance/temporary-directory.ts';
import { openForWriting } from './connection.ts';
import { SQLITE } from './constants.ts';
import { databaseFile, prepareDatabase } from './schema.ts';

function refusalOf(directory: string): unknown {
  try {
    prepareDatabase(directory);
    return undefined;
  } catch (error) {
    return error;
  }
}

function preparedDirectory(): string {
  const directory = temporaryDirectory();
  prepareDatabase(directory);
  return directory;
}

function edit(directory: string, sql: string): void {
  const database = new Database(databaseFile(directory));
  database.exec(sql);
  database.close();
}

it('makes one private file with the promised layout', () => {
  const directory = preparedDirectory();
  expect(readdirSync(directory)).toEqual(['freehold.db']);
  expect(statSync(databaseFile(directory)).mode & 0o777).toBe(0o600);
  const database = new Database(databaseFile(directory), { readonly: true });
  onTestFinished(() => void database.close());
  const setting = (name: string) => database.pragma(name, { simple: true });
  expect(setting('page_size')).toBe(32_768);
  expect(setting('auto_vacuum')).toBe(2);
  expect(setting('journal_mode')).toBe('wal');
  expect(setting('application_id')).toBe(SQLITE.applicationId);
  expect(setting('user_version')).toBe(SQLITE.schemaVersion);
});

it('keeps a database that is there', () => {
  const directory = preparedDirectory();
  edit(directory, `INSERT INTO settings VALUES ('name', x'01')`);
  prepareDatabase(directory);
  const database = new Database(databaseFile(directory));
  expect(database.prepare('SELECT count(*) FROM settings').pluck().get()).toBe(1);
  database.close();
});

it('begins again where a first start was cut short', () => {
  const directory = temporaryDirectory();
  writeFileSync(`${databaseFile(directory)}.new`, 'half');
  prepareDatabase(directory);
  expect(readdirSync(directory)).toEqual(['freehold.db']);
});

it('recovers what a crash left in the log, and empties it', () => {
  const directory = preparedDirectory();
  const database = openForWriting(databaseFile(directory));
  onTestFinished(() => void database.close());
  database.exec(`INSERT INTO settings VALUES ('name', x'01')`);
  const crashed = temporaryDirectory();
  for (const suffix of ['', '-wal']) {
    copyFileSync(databaseFile(directory) + suffix, databaseFile(crashed) + suffix);
  }
  expect(statSync(`${databaseFile(crashed)}-wal`).size).toBeGreaterThan(0);
  prepareDatabase(crashed);
  expect(existsSync(`${databaseFile(crashed)}-wal`)).toBe(false);
  const recovered = new Database(databaseFile(crashed));
  expect(recovered.prepare('SELECT count(*) FROM settings').pluck().get()).toBe(1);
  recovered.close();
});

it('refuses a layout of a newer release', () => {
  const directory = preparedDirectory();
  edit(directory, `PRAGMA user_version = ${SQLITE.schemaVersion + 1}`);
  expect(refusalOf(directory)).toMatchObject({ reason: 'newerVersion', message: expect.stringContaining('newer') });
});

it.each([0, -1])('refuses the layout %i, which no release wrote', version => {
  const directory = preparedDirectory();
  edit(directory, `PRAGMA user_version = ${version}`);
  expect(refusalOf(directory)).toMatchObject({ reason: 'damaged' });
});

it('refuses the database of another program and leaves it as it was', () => {
  const directory = temporaryDirectory();
  edit(directory, 'CREATE TABLE someone_elses (x)');
  const before = readFileSync(databaseFile(directory));
  expect(refusalOf(directory)).toMatchObject({ reason: 'foreign', message: expect.stringContaining('--data') });
  expect(readFileSync(databaseFile(directory)).equals(before)).toBe(true);
  expect(readdirSync(directory)).toEqual(['freehold.db']);
});

it.each([
  ['is no database', (file: string) => writeFileSync(file, 'not a database'.repeat(100))],
  ['is empty', (file: string) => truncateSync(file, 0)],
  ['is cut short', (file: string) => truncateSync(file, 3 * SQLITE.pageBytes)],
])('refuses a file that %s, and makes no new one', (_, damage) => {
  const directory = preparedDirectory();
  damage(databaseFile(directory));
  const before = readFileSync(databaseFile(directory));
  expect(refusalOf(directory)).toMatchObject({ reason: 'damaged', message: expect.stringContaining('backup') });
  expect(readFileSync(databaseFile(directory)).equals(before)).toBe(true);
});

it('makes no new database beside the log of a lost one', () => {
  const directory = temporaryDirectory();
  writeFileSync(`${databaseFile(directory)}-wal`, 'log');
  expect(refusalOf(directory)).toMatchObject({ reason: 'damaged' });
  expect(existsSync(databaseFile(directory))).toBe(false);
});

it('says so where the file cannot be opened', () => {
  const directory = temporaryDirectory();
  expect(refusalOf(`${directory}/missing`)).toMatchObject({ reason: 'inaccessible' });
});

it('says so where the disk has no space to open the file', () => {
  const directory = preparedDirectory();
  const script = `
    const { prepareDatabase } = await import(${JSON.stringify(new URL('schema.ts', import.meta.url))});
    try { prepareDatabase(${JSON.stringify(directory)}) } catch ({ reason, message }) { console.log(reason, message) }`;
  // A process whose files may have 8 blocks, fewer than the index of the log takes.
  const limited = ['-c', 'ulimit -f 8 && exec "$@"', 'sh', process.execPath, '--input-type=module', '--eval', script];
  const { stdout } = spawnSync('sh', limited, { encoding: 'utf8' });
  expect(stdout).toMatch(/^diskFull .* the disk is full\. Free some space/);
  expect(refusalOf(directory)).toBeUndefined();
});

it('makes no new database where one was lost', () => {
  const directory = temporaryDirectory();
  expect(() => prepareDatabase(directory, true)).toThrow(
    expect.objectContaining({ reason: 'damaged', message: expect.stringMatching(/missing.*begin anew/) }),
  );
  expect(readdirSync(directory)).toEqual([]);
});

it('leaves the log of a database that has become empty', () => {
  const directory = preparedDirectory();
  truncateSync(databaseFile(directory), 0);
  writeFileSync(`${databaseFile(directory)}-wal`, 'what is left');
  expect(refusalOf(directory)).toMatchObject({ reason: 'damaged', message: expect.stringContaining('is empty') });
  expect(readFileSync(`${databaseFile(directory)}-wal`, 'utf8')).toBe('what is left');
});

import { expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../conformance/temporary-directory.ts';
import { openForReading, openForWriting } from './connection.ts';
import { databaseFile, prepareDatabase } from './schema.ts';

function preparedFile(): string {
  const directory = temporaryDirectory();
  prepareDatabase(directory);
  return databaseFile(directory);
}

it('writes durably, by settings of its own', () => {
  const database = openForWriting(preparedFile());
  onTestFinished(() => void database.close());
  const setting = (name: string) => database.pragma(name, { simple: true });
  expect(setting('journal_mode')).toBe('wal');
  expect(setting('synchronous')).toBe(2);
  expect(setting('fullfsync')).toBe(1);
  expect(setting('checkpoint_fullfsync')).toBe(1);
  expect(setting('wal_autocheckpoint')).toBe(0);
  expect(setting('journal_size_limit')).toBe(134_217_728);
  expect(setting('temp_store')).toBe(2);
});

it('cannot write through a connection for reading', () => {
  const file = preparedFile();
  const database = openForReading(file);
  onTestFinished(() => void database.close());
  expect(database.pragma('query_only', { simple: true })).toBe(1);
  expect(() => database.exec('DELETE FROM pairs')).toThrow(/readonly/);
});

it('makes no file where there is none', () => {
  const file = databaseFile(temporaryDirectory());
  expect(() => openForWriting(file)).toThrow(/unable to open/);
  expect(() => openForReading(file)).toThrow(/unable to open/);
});

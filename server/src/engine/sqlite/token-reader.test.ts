import { expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../conformance/temporary-directory.ts';
import { openForReading, openForWriting } from './connection.ts';
import { planOf } from './plan.fixture.ts';
import { databaseFile, prepareDatabase } from './schema.ts';
import { TOKEN, TokenReader } from './token-reader.ts';
import { TokenWriter } from './token-writer.ts';

const HASHES = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)] as const;

function start() {
  const directory = temporaryDirectory();
  prepareDatabase(directory);
  const file = databaseFile(directory);
  const writer = openForWriting(file);
  const database = openForReading(file);
  onTestFinished(() => {
    database.close();
    writer.close();
  });
  return { writer, tokens: new TokenWriter(writer), reader: new TokenReader(database) };
}

it('finds a token by its hash', () => {
  expect(planOf(TOKEN, temporaryDirectory())).toBe('SEARCH tokens USING PRIMARY KEY (hash=?)');
});

const token = (hash: Uint8Array, id: string) => ({ id, name: 'a', hash, createdAt: 0 });

it('keeps what it read for as long as nothing is committed, and no longer', () => {
  const { tokens, reader } = start();
  tokens.setRootHash(HASHES[0]);
  tokens.create(token(HASHES[0], 'a'));
  expect(reader.rootHash(1)).toEqual(HASHES[0]);
  expect(reader.find(HASHES[0], 1)?.id).toBe('a');
  tokens.setRootHash(HASHES[1]);
  expect(reader.rootHash(1)).toEqual(HASHES[0]);
  expect(reader.rootHash(2)).toEqual(HASHES[1]);
});

it('does not keep that a token is unknown', () => {
  const { tokens, reader } = start();
  expect(reader.find(HASHES[1], 1)).toBeUndefined();
  tokens.create(token(HASHES[1], 'b'));
  expect(reader.find(HASHES[1], 1)?.id).toBe('b');
});

it('forgets a token that is gone as soon as that is committed', () => {
  const { tokens, reader } = start();
  tokens.create(token(HASHES[0], 'a'));
  expect(reader.find(HASHES[0], 1)?.id).toBe('a');
  tokens.revoke('a');
  expect(reader.find(HASHES[0], 2)).toBeUndefined();
});

it('takes nothing old for current after a read that failed', () => {
  const { tokens, writer, reader } = start();
  tokens.setRootHash(HASHES[0]);
  expect(reader.rootHash(1)).toEqual(HASHES[0]);
  writer.exec('ALTER TABLE settings RENAME TO elsewhere');
  expect(() => reader.rootHash(2)).toThrow('no such table');
  writer.exec('ALTER TABLE elsewhere RENAME TO settings');
  tokens.setRootHash(HASHES[1]);
  expect(reader.rootHash(2)).toEqual(HASHES[1]);
});

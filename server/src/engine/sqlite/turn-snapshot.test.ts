import { expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../conformance/temporary-directory.ts';
import { countCommit, newCommitCount } from './commit-count.ts';
import { openForReading, openForWriting } from './connection.ts';
import { databaseFile, prepareDatabase } from './schema.ts';
import { TurnSnapshot } from './turn-snapshot.ts';

function start() {
  const directory = temporaryDirectory();
  prepareDatabase(directory);
  const file = databaseFile(directory);
  const writer = openForWriting(file);
  const reader = openForReading(file);
  onTestFinished(() => {
    reader.close();
    writer.close();
  });
  const commits = newCommitCount();
  const snapshot = new TurnSnapshot(reader, commits);
  const count = reader.prepare<[], number>('SELECT count(*) FROM reclaim').pluck();
  const read = () => {
    snapshot.enter();
    return count.get();
  };
  const write = (number: number) => writer.prepare('INSERT INTO reclaim VALUES (?)').run(number);
  return { reader, writer, commits, snapshot, read, write };
}

const nextTurn = () => new Promise(setImmediate);

it('shows one instant for a turn of the event loop, and the latest in the next', async () => {
  const { read, write } = start();
  expect(read()).toBe(0);
  write(1);
  expect(read()).toBe(0);
  await nextTurn();
  expect(read()).toBe(1);
});

it('shows a commit as soon as it is counted', () => {
  const { read, write, commits } = start();
  expect(read()).toBe(0);
  write(1);
  countCommit(commits);
  expect(read()).toBe(1);
});

it('leaves no transaction behind after the turn', async () => {
  const { reader, read, writer } = start();
  read();
  expect(reader.inTransaction).toBe(true);
  await nextTurn();
  expect(reader.inTransaction).toBe(false);
  expect(writer.pragma('wal_checkpoint(RESTART)')).toMatchObject([{ busy: 0 }]);
});

it('begins another after it was ended for a read that failed, whether or not SQLite had ended the transaction', async () => {
  const { reader, snapshot, read, write } = start();
  for (const endedBySqlite of [false, true]) {
    const before = read() ?? 0;
    if (endedBySqlite) reader.prepare('ROLLBACK').run();
    write(before + 1);
    snapshot.end();
    expect(read()).toBe(before + 1);
    expect(reader.inTransaction).toBe(true);
    write(before + 2);
    expect(read()).toBe(before + 1);
    await nextTurn();
    expect(read()).toBe(before + 2);
  }
});

import type Database from 'better-sqlite3';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import type { Slots } from '../../kv/histogram.ts';
import { packPairs } from '../../kv/puts.ts';
import { temporaryDirectory } from '../conformance/temporary-directory.ts';
import { Batch } from './batch.ts';
import { Checkpointer } from './checkpoint.ts';
import { openForWriting } from './connection.ts';
import { SQLITE } from './constants.ts';
import { DiskFloor } from './disk.ts';
import { newWriterFigures, readWriterFigures, WriterFigures } from './figures.ts';
import { LogCopier } from './log-copier.ts';
import { Maintenance } from './maintenance.ts';
import type { Change, Submission, WriterCommand } from './messages.ts';
import { databaseFile, prepareDatabase } from './schema.ts';
import { Writer } from './writer.ts';
import { WriterLoop } from './writer-loop.ts';

const address = { account: 'account', id: 'id' };
const create: Change = { kind: 'createNamespace', account: 'account', namespace: { id: 'id', title: 'title' } };

let database: Database.Database;
let waiting: WriterCommand[];
let receive: () => WriterCommand | undefined;
/** The numbers of each transaction's requests, and the pairs that were left when it was answered. */
let answers: { numbers: number[]; pairs: number }[];
let loop: WriterLoop;
let figures: Slots;

beforeEach(() => {
  const directory = temporaryDirectory();
  prepareDatabase(directory);
  const file = databaseFile(directory);
  const connection = openForWriting(file);
  const copier = new LogCopier(file);
  onTestFinished(() => {
    copier.close();
    connection.close();
  });
  database = connection;
  waiting = [];
  receive = () => waiting.shift();
  answers = [];
  figures = newWriterFigures(1);
  let ms = 0;
  loop = new WriterLoop({
    writer: new Writer(database, new DiskFloor(0, () => Number.MAX_SAFE_INTEGER)),
    // A clock on which every pair takes a millisecond.
    maintenance: new Maintenance(database, { elapsedMs: () => (ms += 1) }),
    checkpointer: new Checkpointer({ database, copier }),
    figures: new WriterFigures(figures),
    receive: () => receive(),
    reply: reply => {
      const numbers = reply.outcomes.flatMap(({ number, count }) =>
        Array.from({ length: count }, (_, at) => number + at),
      );
      answers.push({ numbers, pairs: pairsLeft() });
    },
  });
  loop.run(requests([0, create]));
});

function requests(...numbered: [number: number, submission: Submission][]): WriterCommand {
  const batch = new Batch();
  for (const [number, submission] of numbered) batch.add(number, submission);
  const { requests, transfer } = batch.pack();
  return structuredClone({ kind: 'requests', requests }, { transfer });
}

function put(count: number, valueBytes = 10): Change {
  const value = Buffer.alloc(valueBytes);
  const puts = packPairs(Array.from({ length: count }, (_, index) => ({ key: String(index), value })));
  return { kind: 'write', address, puts, bytes: puts.arena.length };
}

function pairsLeft(): number {
  return database.prepare<[], number>('SELECT count(*) FROM pairs').pluck().get() ?? -1;
}

it('takes what waits into one transaction', () => {
  waiting = [requests([2, put(1)], [3, put(1)]), requests([4, put(1)])];
  loop.run(requests([1, put(1)]));
  expect(answers.map(({ numbers }) => numbers)).toEqual([[0], [1, 2, 3, 4]]);
});

it('gives the memory of a bulk back after its commit', () => {
  const command = requests([1, put(1_000, 100)], [2, put(1)]);
  loop.run(command);
  const [bulk] = command.kind === 'requests' ? command.requests : [];
  expect(bulk?.change).toMatchObject({ kind: 'write', puts: { arena: { byteLength: 0 } } });
  expect(pairsLeft()).toBe(1_000);
});

it('answers before a large clean-up is done, after one step at most', () => {
  loop.run(requests([1, put(1_000)]));
  loop.run(requests([2, { kind: 'deleteNamespace', address }], [3, create]));
  answers = [];
  // The request arrives when a step of the clean-up has been taken.
  let looks = 0;
  receive = () => {
    looks += 1;
    return looks === 2 ? requests([4, put(1)]) : undefined;
  };
  loop.run({ kind: 'tick', now: 0 });
  expect(answers.map(({ numbers }) => numbers)).toEqual([[4]]);
  expect(answers[0]?.pairs).toBeGreaterThan(1_000 - 2 * SQLITE.maintenanceStepMs);
  expect(pairsLeft()).toBe(1);
});

it('goes on cleaning up under load', () => {
  loop.run(requests([1, put(100)]));
  loop.run(requests([2, { kind: 'deleteNamespace', address }], [3, create]));
  answers = [];
  // Every second look finds a request, so that there is always one when the loop asks for work.
  let looks = 0;
  receive = () => {
    looks += 1;
    return looks % 2 === 1 && looks < 4_000 ? requests([looks, put(1)]) : undefined;
  };
  loop.run({ kind: 'tick', now: 0 });
  expect(answers.flatMap(({ numbers }) => numbers)).toHaveLength(2_000);
  const transactionsNeeded = answers.findIndex(({ pairs }) => pairs === 1);
  expect(transactionsNeeded).toBeGreaterThan(SQLITE.transactionsPerMaintenanceStep);
  expect(transactionsNeeded).toBeLessThan(100 * SQLITE.transactionsPerMaintenanceStep);
});

it('ends when it is told to, after all that was accepted', () => {
  loop.run(requests([1, put(300)]));
  loop.run(requests([2, { kind: 'deleteNamespace', address }], [3, create]));
  answers = [];
  waiting = [{ kind: 'tick', now: 0 }, requests([4, put(1)]), { kind: 'close' }];
  expect(loop.run(requests([5, put(1)]))).toBe(true);
  expect(answers.map(({ numbers }) => numbers)).toEqual([[5, 4]]);
  expect(pairsLeft()).toBeGreaterThan(300 - SQLITE.maintenanceStepMs);
});

it('counts what each transaction took and did, and since when the log waits', () => {
  loop.run(requests([1, put(3)], [2, put(2)]));
  const { commitRequests, commitSeconds, pairsPut, logWaitsSince } = readWriterFigures(figures);
  // The namespace by itself, then both writes together.
  expect(commitRequests.counts.slice(0, 3)).toEqual([1, 1, 0]);
  expect(commitSeconds.counts.reduce((sum, count) => sum + count)).toBe(2);
  expect(commitSeconds.sum).toBeGreaterThan(0);
  expect({ pairsPut, logWaitsSince }).toEqual({ pairsPut: 5, logWaitsSince: 1 });
  loop.run({ kind: 'tick', now: 7 });
  expect(readWriterFigures(figures).logWaitsSince).toBe(1);
  loop.run({ kind: 'tick', now: 8 });
  expect(readWriterFigures(figures).logWaitsSince).toBeUndefined();
  loop.run(requests([3, put(1)]));
  expect(readWriterFigures(figures).logWaitsSince).toBe(8);
});

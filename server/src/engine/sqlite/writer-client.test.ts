import { setImmediate } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { packPairs } from '../../kv/puts.ts';
import { expectReason } from '../conformance/bed.ts';
import { temporaryDirectory } from '../conformance/temporary-directory.ts';
import { newCommitCount } from './commit-count.ts';
import { SQLITE } from './constants.ts';
import { newWriterFigures } from './figures.ts';
import type { WriteChange, WriterCommand, WriterReply } from './messages.ts';
import { prepareDatabase } from './schema.ts';
import { startWriterThread } from './start-writer-thread.ts';
import { WriterClient } from './writer-client.ts';
import { linkToThread, type WriterLink } from './writer-link.ts';

const address = { account: 'account', id: 'id' };

async function start(directory: string) {
  prepareDatabase(directory);
  const worker = startWriterThread();
  const onFatal = vi.fn();
  const options = {
    directory,
    diskFreeBytesMin: 0,
    commits: newCommitCount(),
    figures: newWriterFigures(0),
    ports: [],
  };
  const client = new WriterClient(linkToThread(worker, options), onFatal);
  await client.ready;
  await client.submit({ kind: 'createNamespace', account: 'account', namespace: { id: 'id', title: 'title' } });
  return { worker, client, onFatal };
}

function put(valueBytes: number): WriteChange {
  const puts = packPairs([{ key: 'key', value: Buffer.alloc(valueBytes) }]);
  return { kind: 'write', address, puts, bytes: puts.arena.length };
}

/** A thread that answers nothing, and what it was sent: the numbers of each message. */
function startSilent() {
  const sent: number[][] = [];
  const post = (command: WriterCommand): void => {
    if (command.kind !== 'requests') return;
    sent.push(command.requests.flatMap(({ number, count }) => Array.from({ length: count }, (_, at) => number + at)));
  };
  let answer: (reply: WriterReply) => void = () => {};
  const attach: WriterLink['attach'] = ({ onReply }) => {
    answer = onReply;
  };
  const link: WriterLink = { firstNumber: 0, post, attach, ref: vi.fn(), unref: vi.fn(), end: vi.fn() };
  const client = new WriterClient(link, vi.fn());
  const submit = (count: number) => {
    for (let index = 0; index < count; index++) {
      void client.submit({ kind: 'put', address, pair: { key: 'key', value: Buffer.alloc(1) } });
    }
  };
  return { answer: (reply: WriterReply) => answer(reply), sent, submit };
}

it('sends what was submitted in a turn as one message', async () => {
  const { sent, submit } = startSilent();
  submit(SQLITE.submissionsForRestingWriter - 1);
  expect(sent).toEqual([]);
  await setImmediate();
  expect(sent.map(numbers => numbers.length)).toEqual([SQLITE.submissionsForRestingWriter - 1]);
});

it('sets a thread that rests to work before the turn has ended, and lets one that works be', async () => {
  const { answer, sent, submit } = startSilent();
  const first = SQLITE.submissionsForRestingWriter;
  submit(first + 100);
  expect(sent.map(numbers => numbers.length)).toEqual([first]);
  await setImmediate();
  expect(sent.map(numbers => numbers.length)).toEqual([first, 100]);
  submit(100);
  expect(sent).toHaveLength(2);
  await setImmediate();
  expect(sent).toHaveLength(3);
  answer({ kind: 'outcomes', outcomes: [{ number: 1, count: first + 200 }] });
  submit(first);
  expect(sent).toHaveLength(4);
  expect(sent.flat()).toEqual(Array.from({ length: 2 * first + 200 }, (_, index) => index + 1));
});

it('hands large arenas over, and the thread gives them up', async () => {
  const { client, onFatal } = await start(temporaryDirectory());
  const large = put(SQLITE.bulkBytesMin);
  await client.submit(large);
  expect(large.puts?.arena.buffer.detached).toBe(true);
  await client.close();
  expect(onFatal).not.toHaveBeenCalled();
});

it('tells requests that fail and such that do not apart', async () => {
  const { client } = await start(temporaryDirectory());
  const missing = { ...put(1), address: { account: 'account', id: 'missing' } };
  const outcomes = await Promise.allSettled([put(1), missing, put(1)].map(change => client.submit(change)));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(outcomes[1]).toMatchObject({ reason: { name: 'EngineError', reason: 'namespaceMissing' } });
  await client.close();
});

it('refuses everything, and says so once, when the thread was killed', async () => {
  const { client, worker, onFatal } = await start(temporaryDirectory());
  const underWay = [client.submit(put(1)), client.submit(put(SQLITE.bulkBytesMin))];
  const refused = Promise.all(underWay.map(promise => expectReason(promise, 'unavailable')));
  await worker.terminate();
  await refused;
  await expectReason(client.submit(put(1)), 'unavailable');
  expect(client.failure?.message).toContain('ended with code 1');
  expect(onFatal).toHaveBeenCalledExactlyOnceWith(client.failure);
  await client.close();
  expect(onFatal).toHaveBeenCalledTimes(1);
});

it('rejects at the start where the thread cannot open the database', async () => {
  const onFatal = vi.fn();
  const options = {
    directory: temporaryDirectory(),
    diskFreeBytesMin: 0,
    commits: newCommitCount(),
    figures: newWriterFigures(0),
    ports: [],
  };
  const client = new WriterClient(linkToThread(startWriterThread(), options), onFatal);
  await expect(client.ready).rejects.toThrow('unable to open database file');
  await client.close();
  expect(onFatal).not.toHaveBeenCalled();
});

it('refuses a buffer that cannot be handed over, and goes on', async () => {
  const { client } = await start(temporaryDirectory());
  const { puts } = put(SQLITE.bulkBytesMin);
  if (puts === undefined) throw new Error('unreachable');
  structuredClone(puts.offsets, { transfer: [puts.offsets.buffer] });
  await expect(client.submit({ ...put(1), puts })).rejects.toThrow('DataCloneError');
  await client.submit(put(1));
  await client.close();
});

it('sends what was submitted before it closes, and refuses what comes after', async () => {
  const { client, onFatal } = await start(temporaryDirectory());
  const accepted = client.submit(put(1));
  const closed = client.close();
  await expectReason(client.submit(put(1)), 'unavailable');
  await accepted;
  await closed;
  await client.close();
  expect(onFatal).not.toHaveBeenCalled();
});

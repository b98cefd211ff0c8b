import { expect, it, vi } from 'vitest';
import { packPairs } from '../../kv/puts.ts';
import { expectReason } from '../conformance/bed.ts';
import { temporaryDirectory } from '../conformance/temporary-directory.ts';
import { newCommitCount } from './commit-count.ts';
import { SQLITE } from './constants.ts';
import type { WriteChange } from './messages.ts';
import { prepareDatabase } from './schema.ts';
import { startWriterThread } from './start-writer-thread.ts';
import { WriterClient } from './writer-client.ts';
import { linkToThread } from './writer-link.ts';

const address = { account: 'account', id: 'id' };

async function start(directory: string) {
  prepareDatabase(directory);
  const worker = startWriterThread();
  const onFatal = vi.fn();
  const options = { directory, diskFreeBytesMin: 0, commits: newCommitCount(), ports: [] };
  const client = new WriterClient(linkToThread(worker, options), onFatal);
  await client.ready;
  await client.submit({ kind: 'createNamespace', account: 'account', namespace: { id: 'id', title: 'title' } });
  return { worker, client, onFatal };
}

function put(valueBytes: number): WriteChange {
  const puts = packPairs([{ key: 'key', value: Buffer.alloc(valueBytes) }]);
  return { kind: 'write', address, puts, deletes: [], bytes: puts.arena.length };
}

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
  const options = { directory: temporaryDirectory(), diskFreeBytesMin: 0, commits: newCommitCount(), ports: [] };
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

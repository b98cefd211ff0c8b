import { expect, it, onTestFinished, vi } from 'vitest';
import type { Engine } from '../../kv/engine.ts';
import { packPairs } from '../../kv/puts.ts';
import { expectReason } from '../conformance/bed.ts';
import { temporaryDirectory } from '../conformance/temporary-directory.ts';
import { SQLITE } from './constants.ts';
import { joinSqliteEngine, openSqliteEngine } from './engine.ts';
import { startWriterThread } from './start-writer-thread.ts';

const address = { account: 'account', id: 'id' };
const clock = () => 1_800_000_000;

/** An engine, and two that take part in it as other threads do. */
async function open() {
  const thread = startWriterThread();
  const onFatal = vi.fn();
  const directory = temporaryDirectory();
  const first = await openSqliteEngine({ directory, clock, onFatal, thread, diskFreeBytesMin: 0, sharers: 2 });
  const others = await Promise.all(first.shares.map(share => joinSqliteEngine(share, { clock, onFatal })));
  onTestFinished(async () => {
    for (const other of others) await other.close();
    await first.close();
  });
  await first.createNamespace(address.account, { id: address.id, title: 'title' });
  const [second, third] = others;
  if (second === undefined || third === undefined) throw new Error('there are not as many shares as sharers');
  return { first, second, third, all: [first, second, third], thread, onFatal };
}

function put(engine: Engine, key: string, value: string): Promise<unknown> {
  return engine.write(address, { puts: packPairs([{ key, value: Buffer.from(value) }]) });
}

async function textOf(engine: Engine, key: string): Promise<string | undefined> {
  return (await engine.get(address, key))?.value.toString();
}

it('what one has written, all read from then on', async () => {
  const { all } = await open();
  for (let round = 0; round < 60; round++) {
    const value = `value ${round}`;
    await put(all[round % all.length] ?? expect.unreachable(), 'key', value);
    expect(await Promise.all(all.map(engine => textOf(engine, 'key')))).toEqual([value, value, value]);
  }
});

it('each learns what became of its own requests, whatever they share a transaction with', async () => {
  const { all } = await open();
  const missing = { account: 'account', id: 'missing' };
  const outcomes = await Promise.allSettled(
    all.flatMap((engine, index) => [
      put(engine, `key ${index}`, 'value'),
      engine.renameNamespace(address, `title of ${index}`),
      engine.write(missing, { deletes: ['key'] }),
    ]),
  );
  for (const [index, [written, renamed, refused]] of chunks(outcomes, 3).entries()) {
    expect(written).toMatchObject({ status: 'fulfilled' });
    expect(renamed).toMatchObject({ value: { title: `title of ${index}` } });
    expect(refused).toMatchObject({ reason: { reason: 'namespaceMissing' } });
  }
});

it('bulks of all are handed over and written whole', async () => {
  const { all } = await open();
  const value = Buffer.alloc(SQLITE.bulkBytesMin / 100);
  const bulks = all.map((_, index) =>
    packPairs(Array.from({ length: 200 }, (__, n) => ({ key: `${index}/${n}`, value }))),
  );
  await Promise.all(all.map((engine, index) => engine.write(address, { puts: bulks[index] ?? expect.unreachable() })));
  expect(bulks.map(({ arena }) => arena.buffer.detached)).toEqual([true, true, true]);
  for (const engine of all) {
    for (const key of ['0/199', '1/0', '2/100']) expect(await textOf(engine, key)).toHaveLength(value.length);
  }
});

it('all report the same figures, whoever has written', async () => {
  const { all } = await open();
  for (const [index, engine] of all.entries()) await put(engine, `key ${index}`, 'value');
  for (const engine of all) expect(await engine.figures()).toMatchObject({ pairsPut: 3, bytesPut: 3 * 10 });
});

it('each scans for itself, and has as many scans as it may', async () => {
  const { first, second } = await open();
  await put(first, 'key', 'value');
  const range = { prefix: '', after: '', values: true };
  const scans = await Promise.all([first, second].map(engine => engine.scan(address, range, 1)));
  await expectReason(second.scan(address, range, 1), 'tooManyScans');
  await put(second, 'other', 'value');
  for (const scan of scans) expect((await scan.next())?.expiresAt).toHaveLength(1);
  expect(await second.count(address, '')).toBe(2);
});

it('closing one finishes what it had accepted, and the rest go on', async () => {
  const { first, second, third } = await open();
  const accepted = put(second, 'accepted', 'value');
  const closed = second.close();
  await expectReason(put(second, 'refused', 'value'), 'unavailable');
  await accepted;
  await closed;
  await expectReason(second.get(address, 'accepted'), 'unavailable');
  await put(third, 'later', 'value');
  for (const engine of [first, third]) {
    expect(await textOf(engine, 'accepted')).toBe('value');
    expect(await textOf(engine, 'later')).toBe('value');
  }
});

it("when the writer's thread has died, all say so, refuse changes, those under way too, and go on reading", async () => {
  const { all, first, thread, onFatal } = await open();
  await put(first, 'key', 'value');
  const underWay = Promise.all(all.map(engine => expectReason(put(engine, 'lost', 'value'), 'unavailable')));
  await thread.terminate();
  await underWay;
  expect(onFatal).toHaveBeenCalledTimes(3);
  for (const engine of all) {
    expect((await engine.check())[0]).toEqual({
      name: 'writer',
      reason: expect.stringContaining("the writer's thread"),
    });
    await expectReason(put(engine, 'later', 'value'), 'unavailable');
    expect(await textOf(engine, 'key')).toBe('value');
  }
});

function chunks<Item>(items: readonly Item[], length: number): Item[][] {
  return Array.from({ length: items.length / length }, (_, index) => items.slice(index * length, (index + 1) * length));
}

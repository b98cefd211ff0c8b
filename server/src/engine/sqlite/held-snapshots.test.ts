import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { temporaryDirectory } from '../conformance/temporary-directory.ts';
import { Checkpointer } from './checkpoint.ts';
import { openForWriting } from './connection.ts';
import { SQLITE } from './constants.ts';
import { newWriterFigures, WriterFigures } from './figures.ts';
import { HeldSnapshots } from './held-snapshots.ts';
import { databaseFile, prepareDatabase } from './schema.ts';

const address = { account: 'account', id: 'id' };
const WRITE_BYTES = 1_000_000;
const LOG_BYTES_MAX = 10 * WRITE_BYTES;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** Snapshots beside a writer, who copies the log by himself after every write. */
function start(spareBytes: () => number = () => Number.POSITIVE_INFINITY) {
  const directory = temporaryDirectory();
  prepareDatabase(directory);
  const file = databaseFile(directory);
  const writer = openForWriting(file);
  const slots = newWriterFigures(0);
  const figures = new WriterFigures(slots);
  const copier = { copy: () => false, settle() {}, close() {} };
  const isHeld = () => figures.logIsHeld;
  const limits = { copied: 0, max: 2 ** 40, rest: 0 };
  const checkpointer = new Checkpointer({ database: writer, copier, limits, isHeld });
  const snapshots = new HeldSnapshots({ file, clock: () => 0, figures: slots, spareBytes, logBytesMax: LOG_BYTES_MAX });
  onTestFinished(() => {
    snapshots.close();
    writer.close();
  });
  writer.prepare('INSERT INTO namespaces (account, id, title) VALUES (?, ?, ?)').run(address.account, address.id, '');
  const insert = writer.prepare('INSERT INTO pairs (namespace, key, value) VALUES (1, ?, zeroblob(?))');
  const write = (count: number) => {
    for (let number = 0; number < count; number += 1) {
      insert.run(Buffer.from('key'), WRITE_BYTES);
      checkpointer.afterCommit();
      figures.logStands(checkpointer);
    }
  };
  const look = writer.prepare<[], [busy: number, logFrames: number]>('PRAGMA wal_checkpoint(NOOP)').raw();
  const logBytes = () => (look.get()?.[1] ?? 0) * SQLITE.pageBytes;
  return { snapshots, write, writer, figures, checkpointer, logBytes };
}

describe('a snapshot that is held', () => {
  it('keeps the log from beginning anew, which it does when the snapshot is closed', () => {
    const { snapshots, write, logBytes } = start();
    const snapshot = snapshots.hold(address);
    write(5);
    expect(logBytes()).toBeGreaterThan(5 * WRITE_BYTES);
    expect(snapshot.connection().prepare('SELECT count(*) FROM pairs').pluck().get()).toBe(0);
    snapshot.close();
    write(2);
    expect(logBytes()).toBeLessThan(3 * WRITE_BYTES);
  });

  it('is ended when too much was added to the log since, though nobody reads it', () => {
    const { snapshots, write, checkpointer, logBytes } = start();
    const [first, second] = [snapshots.hold(address), snapshots.hold(address)];
    write(6);
    const later = snapshots.hold(address);
    write(6);
    vi.advanceTimersByTime(SQLITE.scanCheckMs);
    write(1);
    expect(() => first.connection()).toThrow(expect.objectContaining({ reason: 'scanEnded' }));
    expect(() => second.connection()).toThrow(expect.objectContaining({ reason: 'scanEnded' }));
    expect(later.connection().prepare('SELECT count(*) FROM pairs').pluck().get()).toBe(6);
    write(5);
    vi.advanceTimersByTime(SQLITE.scanCheckMs);
    write(2);
    expect([logBytes() < 3 * WRITE_BYTES, checkpointer.uncopiedBytes]).toEqual([true, 0]);
    for (const ended of [first, second, later]) ended.close();
    expect(() => later.connection()).toThrow(expect.objectContaining({ reason: 'scanEnded' }));
  });

  it('is ended sooner where little of the disk is free, and where that cannot be told goes by what was', () => {
    let spareBytes = () => 20 * WRITE_BYTES;
    const { snapshots, write } = start(() => spareBytes());
    const snapshot = snapshots.hold(address);
    write(4);
    expect(snapshot.connection().open).toBe(true);
    spareBytes = () => 8 * WRITE_BYTES;
    vi.advanceTimersByTime(SQLITE.scanCheckMs);
    expect(() => snapshot.connection()).toThrow(expect.objectContaining({ reason: 'scanEnded' }));
    const another = snapshots.hold(address);
    write(1);
    spareBytes = () => expect.unreachable();
    vi.advanceTimersByTime(SQLITE.scanCheckMs);
    expect(another.connection().open).toBe(true);
    write(2);
    expect(() => another.connection()).toThrow(expect.objectContaining({ reason: 'scanEnded' }));
  });

  it('has the writer not wait for it to empty a log at rest, which it does once the last is closed', () => {
    const { snapshots, write, writer, figures, checkpointer, logBytes } = start();
    write(1);
    const [first, second] = [snapshots.hold(address), snapshots.hold(address)];
    expect(checkpointer.uncopiedBytes).toBe(0);
    const pragma = vi.spyOn(writer, 'pragma');
    for (const held of [first, second]) {
      for (let ticks = 0; ticks < 3; ticks += 1) checkpointer.onTick();
      expect([pragma.mock.calls.length, figures.logIsHeld, logBytes() > 0]).toEqual([0, true, true]);
      held.close();
    }
    checkpointer.onTick();
    expect([pragma.mock.calls.length > 0, figures.logIsHeld, logBytes()]).toEqual([true, false, 0]);
  });

  it('is not read once it was to be ended, if it is asked before that was looked at', () => {
    const { snapshots, write } = start();
    const snapshot = snapshots.hold(address);
    write(12);
    expect(() => snapshot.connection()).toThrow(expect.objectContaining({ reason: 'scanEnded' }));
    expect(snapshots.hold(address).connection().open).toBe(true);
  });

  it('is looked after for as long as there is one', () => {
    const { snapshots } = start();
    expect(vi.getTimerCount()).toBe(0);
    const [first, second] = [snapshots.hold(address), snapshots.hold(address)];
    expect(vi.getTimerCount()).toBe(1);
    first.close();
    first.close();
    expect(vi.getTimerCount()).toBe(1);
    second.close();
    expect(vi.getTimerCount()).toBe(0);
    expect(() => snapshots.hold({ ...address, id: 'missing' })).toThrow('namespaceMissing');
    expect(vi.getTimerCount()).toBe(0);
  });
});

it('what cannot be opened is said to be unavailable', () => {
  const snapshots = new HeldSnapshots({
    file: databaseFile(temporaryDirectory()),
    clock: () => 0,
    figures: newWriterFigures(0),
    spareBytes: () => 0,
  });
  expect(() => snapshots.hold(address)).toThrow(expect.objectContaining({ reason: 'unavailable' }));
});

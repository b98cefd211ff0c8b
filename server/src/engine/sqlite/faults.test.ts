import { closeSync, openSync, readdirSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Engine } from '../../kv/engine.ts';
import { packPairs } from '../../kv/puts.ts';
import { expectReason } from '../conformance/bed.ts';
import { temporaryDirectory } from '../conformance/temporary-directory.ts';
import { SQLITE } from './constants.ts';
import { openSqliteEngine } from './engine.ts';
import { databaseFile } from './schema.ts';

const address = { account: 'account', id: 'id' };

async function open(directory: string, diskFreeBytesMin?: number) {
  const onFatal = vi.fn();
  const engine = await openSqliteEngine({ directory, clock: () => 1_800_000_000, diskFreeBytesMin, onFatal });
  onTestFinished(() => engine.close());
  return { engine, onFatal };
}

async function fill(engine: Engine): Promise<void> {
  await engine.createNamespace(address.account, { id: address.id, title: 'title' });
  await put(engine, 'key');
}

async function put(engine: Engine, key: string, value = 'value'): Promise<void> {
  await engine.write(address, { puts: packPairs([{ key, value: Buffer.from(value) }]) });
}

describe('a data directory', () => {
  it('serves one engine at a time', async () => {
    const directory = temporaryDirectory();
    const { engine } = await open(directory);
    await expect(open(directory)).rejects.toMatchObject({ name: 'DataDirectoryError', reason: 'inUse' });
    await fill(engine);
    await engine.close();
    await (await open(directory)).engine.close();
  });

  it('can be opened after a start that was refused', async () => {
    const directory = temporaryDirectory();
    closeSync(openSync(databaseFile(directory), 'w'));
    await expect(open(directory)).rejects.toMatchObject({ reason: 'damaged' });
    await expect(open(directory)).rejects.toMatchObject({ reason: 'damaged' });
  });

  it('is not given a new database in place of one that is gone', async () => {
    const directory = temporaryDirectory();
    await (await open(directory)).engine.close();
    rmSync(databaseFile(directory));
    await expect(open(directory)).rejects.toMatchObject({
      reason: 'damaged',
      message: expect.stringMatching(/missing/),
    });
    expect(readdirSync(directory)).toEqual(['lock.db']);
    // As the message says.
    rmSync(join(directory, 'lock.db'));
    await open(directory);
  });

  it('holds no log after an orderly end', async () => {
    const directory = temporaryDirectory();
    const { engine, onFatal } = await open(directory);
    await fill(engine);
    await engine.close();
    expect(readdirSync(directory).filter(name => name.startsWith('freehold'))).toEqual(['freehold.db']);
    expect(onFatal).not.toHaveBeenCalled();
  });
});

describe('a disk that is nearly full', () => {
  it('takes deletes and no puts, and says that it is not ready', async () => {
    const directory = temporaryDirectory();
    const before = (await open(directory)).engine;
    await fill(before);
    const kept = { id: 'kept', name: 'name', hash: Buffer.alloc(32, 1), createdAt: 0 };
    await before.createToken(kept);
    await before.close();
    const { engine } = await open(directory, Number.MAX_SAFE_INTEGER);
    const reason = expect.stringMatching(/free disk space .* floor/);
    expect(await engine.check()).toEqual([{ name: 'writer' }, { name: 'disk', reason }, { name: 'log' }]);
    await expectReason(put(engine, 'second'), 'storageFull');
    await expectReason(engine.createNamespace('account', { id: 'second', title: 'second' }), 'storageFull');
    await expectReason(engine.renameNamespace(address, 'renamed'), 'storageFull');
    const token = { id: 'token', name: 'name', hash: Buffer.alloc(32), createdAt: 0 };
    await expectReason(engine.createToken(token), 'storageFull');
    await expectReason(engine.touchToken(kept.id, 1), 'storageFull');
    await engine.revokeToken(kept.id);
    expect(await engine.findToken(kept.hash)).toBeUndefined();
    expect(await engine.findToken(token.hash)).toBeUndefined();
    expect((await engine.get(address, 'key'))?.value.toString()).toBe('value');
    const another = Buffer.from('another');
    await expectReason(engine.replaceValue(address, 'key', another), 'storageFull');
    const puts = packPairs([{ key: 'second', value: another }]);
    await expectReason(engine.write(address, { puts, onConflict: 'skip' }), 'storageFull');
    const unchanged = packPairs([{ key: 'key', value: Buffer.from('value') }]);
    expect(await engine.removeUnchanged(address, unchanged)).toBe(1);
    expect(await engine.get(address, 'key')).toBeUndefined();
    await engine.write(address, { deletes: ['key'] });
    await engine.deleteNamespace(address);
  });
});

describe('a database that is found damaged while it is written', () => {
  it('acknowledges nothing more, is read where it can be, and is reported once', async () => {
    const directory = temporaryDirectory();
    const before = (await open(directory)).engine;
    await fill(before);
    await before.close();
    damage(directory);
    const { engine, onFatal } = await open(directory);
    expect(await engine.check()).toEqual([{ name: 'writer' }, { name: 'disk' }, { name: 'log' }]);
    const writes = ['a', 'b', 'c'].map(key => expectReason(put(engine, key), 'unavailable'));
    await Promise.all(writes);
    await expectReason(put(engine, 'later'), 'unavailable');
    await expectReason(engine.write(address, { deletes: ['key'] }), 'unavailable');
    expect(onFatal).toHaveBeenCalledTimes(1);
    expect((await engine.check())[0]).toEqual({ name: 'writer', reason: expect.stringContaining('SQLITE_CORRUPT') });
    expect(await engine.getNamespace(address)).toEqual({ id: 'id', title: 'title' });
    await engine.close();
    expect(onFatal).toHaveBeenCalledTimes(1);
  });
});

describe('a log that cannot be copied', () => {
  it('ends all writing as soon as it is found, though no write needs it yet', { timeout: 30_000 }, async () => {
    const directory = temporaryDirectory();
    const { engine, onFatal } = await open(directory);
    await fill(engine);
    const log = `${databaseFile(directory)}-wal`;
    // More than the writer copies by itself, and not so much that it is copied while it is written.
    while (statSync(log).size < 4 * SQLITE.logRestBytesMax) await put(engine, 'key', 'x'.repeat(1_000_000));
    // Without what the log's index speaks of, as if the disk had lost it.
    truncateSync(log, 0);
    await vi.waitFor(() => expect(onFatal).toHaveBeenCalledTimes(1), 20_000);
    expect((await engine.check())[0]?.reason).toContain('SQLITE_IOERR_SHORT_READ');
    await expectReason(put(engine, 'later'), 'unavailable');
    await engine.close();
    expect(onFatal).toHaveBeenCalledTimes(1);
  });
});

describe('a log that has grown long', () => {
  it('is copied while writing goes on, and empty after an orderly end in the midst of it', async () => {
    const directory = temporaryDirectory();
    const { engine } = await open(directory);
    await fill(engine);
    const value = 'x'.repeat(4_000_000);
    const keys = Array.from({ length: 40 }, (_, index) => `key-${index}`);
    for (const key of keys) await put(engine, key, value);
    await engine.close();
    expect(readdirSync(directory).filter(name => name.startsWith('freehold'))).toEqual(['freehold.db']);
    const again = (await open(directory)).engine;
    for (const key of keys) expect((await again.get(address, key))?.value.toString() === value).toBe(true);
  });
});

/** Overwrites the root of the index that every write of a pair goes through. */
function damage(directory: string): void {
  const database = new Database(databaseFile(directory));
  const root = database
    .prepare<[], number>(`SELECT rootpage FROM sqlite_schema WHERE name = 'pairs_by_key'`)
    .pluck()
    .get();
  database.close();
  const page = Buffer.alloc(SQLITE.pageBytes, 0xaa);
  const file = openSync(databaseFile(directory), 'r+');
  writeSync(file, page, 0, page.length, ((root ?? 0) - 1) * SQLITE.pageBytes);
  closeSync(file);
}

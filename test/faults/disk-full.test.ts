/**
 * A small disk that runs full, on the way to its floor and down to the last byte.
 *
 * It fails where `Writer.#claimDisk` lets everything pass, where `refusalOf` in `failure.ts` does not know a full disk,
 * and where `Checkpointer.#run` throws for one.
 */
import { randomInt } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { failToServe, type ServeProcess, serveInGroup } from '../../server/src/cli/process.fixture.ts';
import { SQLITE } from '../../server/src/engine/sqlite/constants.ts';
import { type Address, Namespace, outcomeOf, type Pair, type Pairs } from './namespace.fixture.ts';
import { Random } from './random.fixture.ts';
import { SmallDisk } from './small-disk.fixture.ts';

const TOKEN = 'token-that-the-tests-give';
const ID = '00000000000000000000000000000002';
const DISK_BYTES = 67_108_864;
const FULL = '507/10507';
/** Less than the log may keep until it is idle. */
const LARGE_BYTES = 1_000_000;

function serveOn(disk: SmallDisk, ...argv: string[]): Promise<ServeProcess> {
  return serveInGroup(['--data', join(disk.directory, 'data'), ...argv], { FREEHOLD_TOKEN: TOKEN }, disk.wrapper);
}

function addressOf({ url }: ServeProcess): Address {
  return { url, token: TOKEN };
}

function pair(value: string): Pair {
  return { value, metadata: null };
}

async function readiness({ url }: ServeProcess): Promise<{ status: number; reason: string | undefined }> {
  const response = await fetch(`${url}/readyz`);
  return { status: response.status, reason: JSON.parse(await response.text()).reason };
}

test.each(['1', '2'])(
  'with --threads %s, puts stop at the floor, all else goes on, and they work again when there is space',
  async threads => {
    const disk = await SmallDisk.mount(DISK_BYTES);
    const server = await serveOn(disk, '--threads', threads);
    const namespace = new Namespace(addressOf(server), ID);
    await namespace.create('title');
    await disk.fill(DISK_BYTES / 2);
    const large = 'x'.repeat(200_000);
    const puts = new Map<string, string>();
    for (let number = 0; !puts.has('refused'); number++) {
      const outcome = await outcomeOf(namespace.put(`key ${number}`, pair(large)));
      puts.set(outcome === '200' ? `key ${number}` : 'refused', outcome);
    }
    expect(puts.get('refused')).toBe(FULL);
    const floor = DISK_BYTES * 0.05;
    expect(disk.freeBytes).toBeGreaterThan(floor);

    await disk.fill(floor / 2);
    expect(await readiness(server)).toEqual({ status: 503, reason: expect.stringMatching(/free disk space .* floor/) });
    const many: Pairs = new Map(Array.from({ length: 1_000 }, (_, index) => [`bulk ${index}`, pair('value')]));
    expect(await outcomeOf(namespace.put('key 0', pair('another')))).toBe(FULL);
    expect(await outcomeOf(namespace.bulkPut(many))).toBe(FULL);
    expect(await outcomeOf(new Namespace(addressOf(server), ID.replace('2', '3')).create('another'))).toBe(FULL);
    expect(await outcomeOf(namespace.rename('another'))).toBe(FULL);
    expect(await namespace.get('key 0')).toBe(large);
    expect((await namespace.list()).size).toBe(puts.size - 1);
    await namespace.delete('key 0');
    await namespace.bulkDelete(['key 1', 'key 2']);
    expect((await readiness(server)).status).toBe(503);

    await disk.clear();
    expect(await readiness(server)).toEqual({ status: 200, reason: undefined });
    await namespace.bulkPut(many);
    await namespace.put('key 0', pair('another'));
    expect((await namespace.list()).size).toBe(puts.size - 1 - 2 + 1_000);
    expect(await namespace.title()).toBe('title');
    expect((await server.end('SIGTERM')).code).toBe(0);
  },
);

test('on a disk that is full to the last byte at times, what is refused changes nothing, and what is not stays', async () => {
  const seed = Number(process.env['FREEHOLD_TEST_SEED'] ?? randomInt(2 ** 31));
  const random = new Random(seed);
  const rounds = 4 * Number(process.env['FREEHOLD_TEST_RUNS'] ?? 1);
  const disk = await SmallDisk.mount(DISK_BYTES);
  const model: Pairs = new Map();
  const outcomes = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    const server = await serveOn(disk, '--disk-free-min', '0');
    const namespace = new Namespace(addressOf(server), ID);
    if (round === 0) await namespace.create('title');
    for (let step = 0; step < 100; step++) {
      if (step % 20 === 0) await (step % 40 === 0 ? disk.clear() : disk.fill(random.below(2) * 100_000));
      outcomes.add(await change(namespace, model, random));
    }
    expect(await namespace.read([...(await namespace.list()).keys()]), `FREEHOLD_TEST_SEED=${seed}`).toEqual(model);
    await server.end('SIGKILL');
    // A start needs some.
    await disk.clear();
  }
  expect([...outcomes].toSorted()).toEqual(['200', FULL]);
  const server = await serveOn(disk);
  const namespace = new Namespace(addressOf(server), ID);
  expect(await namespace.read([...(await namespace.list()).keys()]), `FREEHOLD_TEST_SEED=${seed}`).toEqual(model);
});

/** A random change, also of the model if it was acknowledged. */
async function change(namespace: Namespace, model: Pairs, random: Random): Promise<string> {
  const number = random.below(20);
  const value = pair('x'.repeat(random.below(300_000)));
  if (random.chance(0.2)) {
    const keys = Array.from({ length: 200 }, (_, index) => `bulk ${index}`);
    const outcome = await outcomeOf(namespace.bulkPut(new Map(keys.map(key => [key, pair(`${number}`)]))));
    if (outcome === '200') for (const key of keys) model.set(key, pair(`${number}`));
    return outcome;
  }
  if (random.chance(0.3)) {
    const outcome = await outcomeOf(namespace.delete(`key ${number}`));
    if (outcome === '200') model.delete(`key ${number}`);
    return outcome;
  }
  const outcome = await outcomeOf(namespace.put(`key ${number}`, value));
  if (outcome === '200') model.set(`key ${number}`, value);
  return outcome;
}

test('a log that finds no space to be copied to stays, and is copied when there is some', {
  timeout: 60_000,
}, async () => {
  const disk = await SmallDisk.mount(DISK_BYTES);
  const server = await serveOn(disk, '--disk-free-min', '0');
  const namespace = new Namespace(addressOf(server), ID);
  await namespace.create('title');
  await disk.fill(4 * LARGE_BYTES);
  const large = 'x'.repeat(LARGE_BYTES);
  await namespace.put('key', pair(large));
  await disk.fill(0);
  const log = join(disk.seen, 'data', 'freehold.db-wal');
  await delay(3 * SQLITE.tickMs);
  expect((await stat(log)).size).toBeGreaterThan(LARGE_BYTES);
  expect(await namespace.get('key')).toBe(large);
  await disk.clear();
  await vi.waitFor(async () => expect((await stat(log)).size).toBe(0), { timeout: 30_000, interval: 100 });
  expect((await server.end('SIGTERM')).code).toBe(0);
});

test('a start on a full disk serves what it can, or says what it lacks, and loses nothing', async () => {
  const disk = await SmallDisk.mount(DISK_BYTES);
  const killed = await serveOn(disk);
  const namespace = new Namespace(addressOf(killed), ID);
  await namespace.create('title');
  await namespace.put('key', pair('value'));
  await killed.end('SIGKILL');
  await disk.fill(0);

  const full = await serveOn(disk);
  expect((await readiness(full)).status).toBe(503);
  expect(await new Namespace(addressOf(full), ID).get('key')).toBe('value');
  expect(await outcomeOf(new Namespace(addressOf(full), ID).put('key', pair('another')))).toBe(FULL);
  expect((await full.end('SIGTERM')).code).toBe(0);

  await disk.fill(0);
  const data = join(disk.directory, 'data');
  const failed = await failToServe(['--data', data], { FREEHOLD_TOKEN: TOKEN }, disk.wrapper);
  expect(failed).toMatchObject({ code: 1, stdout: '' });
  expect(failed.stderr).toMatch(/^freehold: .*the disk is full.*\n$/);

  await disk.clear();
  expect(await new Namespace(addressOf(await serveOn(disk)), ID).get('key')).toBe('value');
});

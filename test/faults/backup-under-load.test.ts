/**
 * A backup while bulks of 10,000, 1,000 and 100 pairs, single puts and deletes are under way, restored and served: it
 * must show each writer's pairs as they were at one instant between the beginning of the backup and its end.
 *
 * It fails where `copy` in `engine/sqlite/backup.ts` holds no transaction open, and copies files instead.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { freehold, type ServeProcess, serveInGroup, temporaryDirectory } from '../../server/src/cli/process.fixture.ts';
import { type Address, Namespace, type Pairs, Refused } from './namespace.fixture.ts';
import { PairLane, type PairLaneSize } from './pair-lane.fixture.ts';
import { Random } from './random.fixture.ts';

const ROUNDS = 3 * Number(process.env['FREEHOLD_TEST_RUNS'] ?? 1);
const SEED = Number(process.env['FREEHOLD_TEST_SEED'] ?? randomInt(2 ** 31));
const TOKEN = 'token-that-the-tests-give';
const ID = randomBytes(16).toString('hex');

const SIZES: readonly PairLaneSize[] = [
  { name: 'bulk of 10,000', keys: 10_000, characters: 50, bulk: true },
  { name: 'bulk of 1,000', keys: 1_000, characters: 500, bulk: true },
  { name: 'bulk of 100', keys: 100, characters: 5_000, bulk: true },
  { name: 'large single', keys: 3, characters: 1_000_000, bulk: false },
  { name: 'single', keys: 20, characters: 100, bulk: false },
];
/** What nobody changes, so that a backup takes a while. */
const BALLAST: Pairs = new Map(
  Array.from({ length: 4 }, (_, index) => [`ballast ${index}`, { value: 'b'.repeat(15_000_000), metadata: index }]),
);

/** A writer, and the states of its pairs that a backup may show. */
class WatchedLane {
  readonly lane: PairLane;
  candidates: Pairs[] = [];

  constructor(size: PairLaneSize) {
    this.lane = new PairLane(size);
  }

  async run(namespace: Namespace, random: Random, address: Address): Promise<void> {
    await this.lane
      .run(namespace, random, () => this.candidates.push(this.lane.possible[0]))
      .catch(async error => {
        if (error instanceof Refused || !(await hasEnded(address))) throw error;
      });
  }

  /** The backup begins: what was acknowledged before has to be in it. */
  begin(): void {
    this.candidates = [this.lane.possible[0]];
  }

  /** It has ended: what is under way may be in it, and nothing later. */
  end(): readonly Pairs[] {
    return [...this.candidates, this.lane.possible[1]];
  }
}

function addressOf({ url }: ServeProcess): Address {
  return { url, token: TOKEN };
}

function hasEnded({ url }: Address): Promise<boolean> {
  return fetch(`${url}/healthz`).then(
    () => false,
    () => true,
  );
}

test('a backup under load shows every writer as it was at one instant of it', {
  timeout: 60_000 + ROUNDS * 60_000,
}, async () => {
  const data = await temporaryDirectory();
  const server = await serveInGroup(['--data', data], { FREEHOLD_TOKEN: TOKEN });
  const address = addressOf(server);
  const namespace = new Namespace(address, ID);
  await namespace.create('title');
  for (const [key, pair] of BALLAST) await namespace.put(key, pair);
  const random = new Random(SEED);
  const lanes = SIZES.map(size => new WatchedLane(size));
  const running = lanes.map(lane => lane.run(namespace, random, address));
  const backups: { file: string; candidates: (readonly Pairs[])[] }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const file = join(await temporaryDirectory(), 'backup.db');
    for (const lane of lanes) lane.begin();
    const { code, stderr } = await freehold(['backup', file, '--data', data]);
    const candidates = lanes.map(lane => lane.end());
    expect([code, stderr]).toEqual([0, expect.stringContaining('Made the backup')]);
    backups.push({ file, candidates });
  }
  await server.end('SIGKILL');
  await Promise.all(running);
  let meanwhile = 0;
  for (const [round, { file, candidates }] of backups.entries()) {
    const restored = join(await temporaryDirectory(), 'data');
    expect(await freehold(['restore', file, '--data', restored])).toMatchObject({ code: 0 });
    const again = await serveInGroup(['--data', restored]);
    const found = new Namespace(addressOf(again), ID);
    let keys = BALLAST.size;
    for (const [index, { lane }] of lanes.entries()) {
      const pairs = await found.read(lane.keys);
      keys += pairs.size;
      const possible = candidates[index] ?? [];
      meanwhile += possible.length - 2;
      const place = possible.findIndex(each => isDeepStrictEqual(each, pairs));
      expect([SEED, round, lane.name, place >= 0]).toEqual([SEED, round, lane.name, true]);
    }
    expect((await found.list()).size).toBe(keys);
    for (const [key, { value }] of BALLAST) expect((await found.get(key)) === value).toBe(true);
    await again.end('SIGTERM');
  }
  process.stdout.write(`seed ${SEED}: ${ROUNDS} backups, ${meanwhile} changes acknowledged while they were made\n`);
  expect(meanwhile).toBeGreaterThan(0);
});

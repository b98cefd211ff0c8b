/**
 * SIGKILL for the whole process group while bulks, puts, deletes and changes of namespaces are under way; then the next
 * start on the same directory, which may be killed too. It shows that a dead process loses nothing that was
 * acknowledged; `fsync-before-reply` is about a dead machine.
 *
 * It fails where `WriterLoop.#execute` replies before `Writer.execute` has committed.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import {
  failToServe,
  type ServeProcess,
  serveInGroup,
  temporaryDirectory,
} from '../../server/src/cli/process.fixture.ts';
import type { CrashPoint } from '../../server/src/engine/crash-point.ts';
import { type Address, Namespace, type Pairs, Refused } from './namespace.fixture.ts';
import { NamespaceLane } from './namespace-lane.fixture.ts';
import { PairLane, type PairLaneSize } from './pair-lane.fixture.ts';
import { Random } from './random.fixture.ts';

/** Taken in turn: a random moment, or a point that is reached so many times at most. */
const KILLS: readonly (undefined | readonly [CrashPoint, atMost: number])[] = [
  undefined,
  ['after-receipt', 60],
  ['before-commit', 60],
  undefined,
  ['before-reply', 60],
  ['after-reply', 60],
  undefined,
  ['before-checkpoint', 3],
  ['after-checkpoint', 3],
  ['before-maintenance-commit', 3],
];
const RANDOM_MOMENT = 'at a random moment';
const START_POINTS: readonly CrashPoint[] = ['after-lock', 'after-recovery'];

const ROUNDS = KILLS.length * Number(process.env['FREEHOLD_TEST_RUNS'] ?? 1);
const SEED = Number(process.env['FREEHOLD_TEST_SEED'] ?? randomInt(2 ** 31));
const TOKEN = 'token-that-the-tests-give';
const SHARED = randomBytes(16).toString('hex');
const CHANGING = randomBytes(16).toString('hex');

const SIZES: readonly PairLaneSize[] = [
  { name: 'bulk of 10,000', keys: 10_000, characters: 50, bulk: true },
  { name: 'bulk of 1,000', keys: 1_000, characters: 1_000, bulk: true },
  { name: 'bulk of 100', keys: 100, characters: 20_000, bulk: true },
  { name: 'bulk of 3', keys: 3, characters: 200, bulk: true },
  { name: 'large single', keys: 3, characters: 1_000_000, bulk: false },
  { name: 'single', keys: 20, characters: 100, bulk: false },
  { name: 'other single', keys: 20, characters: 100, bulk: false },
];

test('after a kill every acknowledged change is there whole, and every other one whole or not at all', {
  timeout: 60_000 + ROUNDS * 20_000,
}, async () => {
  const data = await temporaryDirectory();
  const lanes: Lanes = { pairs: SIZES.map(size => new PairLane(size)), namespaces: new NamespaceLane() };
  const kills = new Map<string, number>();
  let acknowledged = 0;
  const first = await serveInGroup(['--data', data], { FREEHOLD_TOKEN: TOKEN });
  await new Namespace(addressOf(first), SHARED).create('shared');
  await first.end('SIGKILL');
  for (let round = 0; round < ROUNDS; round++) {
    const end = await tellingTheRound(round, () => killOnce(data, lanes, SEED + round));
    kills.set(end.kill, (kills.get(end.kill) ?? 0) + 1);
    acknowledged += end.acknowledged;
  }
  const last = await serveInGroup(['--data', data], { FREEHOLD_TOKEN: TOKEN });
  await tellingTheRound(ROUNDS, () => compare(addressOf(last), lanes));
  const counts = JSON.stringify(Object.fromEntries(kills));
  process.stdout.write(`seed ${SEED}: ${ROUNDS} rounds, ${acknowledged} changes acknowledged, killed ${counts}\n`);
  expect([...kills.keys()]).toEqual(expect.arrayContaining([RANDOM_MOMENT, 'before-commit', 'before-reply']));
  expect(acknowledged).toBeGreaterThan(0);
});

/** Each round has a seed of its own, so that one can be tried again without those before it. */
async function tellingTheRound<Result>(round: number, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    const again = `again: FREEHOLD_TEST_SEED=${SEED}, or from the kill before on: FREEHOLD_TEST_SEED=${SEED + round - 1}`;
    throw new Error(`round ${round}: ${(error as Error).message}; ${again}`, { cause: error });
  }
}

interface Lanes {
  readonly pairs: readonly PairLane[];
  readonly namespaces: NamespaceLane;
}

interface End {
  readonly kill: string;
  readonly acknowledged: number;
}

/** Starts on what the kill before has left, holds it against what may be there, and writes until the next kill. */
async function killOnce(data: string, lanes: Lanes, seed: number): Promise<End> {
  const random = new Random(seed);
  const argv = ['--data', data, '--threads', random.chance(0.3) ? '2' : '1'];
  if (random.chance(0.3)) await dieWhileStarting(argv, START_POINTS[random.below(START_POINTS.length)]);
  const [point, atMost] = KILLS[seed % KILLS.length] ?? [];
  const crash = point === undefined ? {} : { FREEHOLD_CRASH_POINT: `${point}:${1 + random.below(atMost ?? 1)}` };
  const server = await serveInGroup(argv, { FREEHOLD_TOKEN: TOKEN, ...crash });
  try {
    await compare(addressOf(server), lanes);
  } catch (error) {
    if (point === undefined || !(await hasEnded(addressOf(server)))) throw error;
    // Maintenance reaches its point also while nobody writes.
    return { kill: 'before a write', acknowledged: 0 };
  }
  return writeUntilKilled({ server, lanes, random, point });
}

/** Also while it starts on what another kill has left, a server may be killed. */
async function dieWhileStarting(argv: readonly string[], point = 'after-lock'): Promise<void> {
  const { signal } = await failToServe(argv, { FREEHOLD_TOKEN: TOKEN, FREEHOLD_CRASH_POINT: point });
  expect(signal).toBe('SIGKILL');
}

interface Writing {
  readonly server: ServeProcess;
  readonly lanes: Lanes;
  readonly random: Random;
  /** Where the server will kill itself. */
  readonly point: CrashPoint | undefined;
}

/** Kills once a random number of changes was acknowledged, and a random moment after that; or waits for the point. */
async function writeUntilKilled({ server, lanes, random, point }: Writing): Promise<End> {
  const address = addressOf(server);
  const enough = point === undefined ? 1 + random.below(150) : Infinity;
  const momentMs = random.below(100);
  let acknowledged = 0;
  const count = () => {
    acknowledged++;
    if (acknowledged === enough) setTimeout(() => server.end('SIGKILL'), momentMs);
  };
  const shared = new Namespace(address, SHARED);
  const runs = [
    ...lanes.pairs.map(lane => lane.run(shared, random, count)),
    lanes.namespaces.run(new Namespace(address, CHANGING), random, count),
  ];
  const untilDead = runs.map(async run => {
    await run.catch(async error => {
      if (error instanceof Refused || !(await hasEnded(address))) throw error;
    });
  });
  const [{ signal }] = await Promise.all([server.end(), ...untilDead]);
  expect(signal).toBe('SIGKILL');
  return { kill: point ?? RANDOM_MOMENT, acknowledged };
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

/** Holds what the server has against what each lane may have left. */
async function compare(address: Address, { pairs, namespaces }: Lanes): Promise<void> {
  const namespace = new Namespace(address, SHARED);
  const listed = await namespace.list();
  const all: Pairs = new Map();
  for (const lane of pairs) {
    const found = await namespace.read(lane.keys);
    const [before, after] = lane.possible;
    const whole = isDeepStrictEqual(found, before) || isDeepStrictEqual(found, after);
    if (!whole) throw new Error(`${lane.name}: ${difference(found, before)}; ${difference(found, after)}`);
    lane.adopt(found);
    for (const [key, pair] of found) all.set(key, pair);
  }
  const metadata = new Map([...all].map(([key, pair]) => [key, pair.metadata]));
  const sameKeys = isDeepStrictEqual(new Map([...listed].toSorted()), new Map([...metadata].toSorted()));
  if (!sameKeys) throw new Error('the listing is at odds with the gets');
  await namespaces.adopt(new Namespace(address, CHANGING));
}

function difference(found: Pairs, wanted: Pairs): string {
  const missing = [...wanted.keys()].filter(key => !found.has(key)).length;
  const extra = [...found.keys()].filter(key => !wanted.has(key)).length;
  const other = [...found].filter(([key, pair]) => wanted.has(key) && !isDeepStrictEqual(pair, wanted.get(key))).length;
  return `of ${wanted.size} pairs ${missing} are missing and ${other} differ, ${extra} should not be there`;
}

/**
 * SIGKILL while bulks, puts and deletes are under way; then the next start on the same directory. It shows that a dead
 * process loses nothing that was acknowledged; that a dead machine does not is for other means to show.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { type ServeProcess, serve, temporaryDirectory } from '../../server/src/cli/process.fixture.ts';
import { Lane, type LaneSize } from './lane.fixture.ts';
import { Namespace, type Pairs, Refused } from './namespace.fixture.ts';
import { Random } from './random.fixture.ts';

const ROUNDS = 5 * Number(process.env['FREEHOLD_TEST_RUNS'] ?? 1);
const SEED = Number(process.env['FREEHOLD_TEST_SEED'] ?? randomInt(2 ** 31));
const TOKEN = 'token-that-the-tests-give';
const NAMESPACE = randomBytes(16).toString('hex');

const SIZES: readonly LaneSize[] = [
  { name: 'bulk of 10,000', keys: 10_000, characters: 50, bulk: true },
  { name: 'bulk of 1,000', keys: 1_000, characters: 1_000, bulk: true },
  { name: 'bulk of 100', keys: 100, characters: 20_000, bulk: true },
  { name: 'bulk of 3', keys: 3, characters: 200, bulk: true },
  { name: 'large single', keys: 3, characters: 1_000_000, bulk: false },
  { name: 'single', keys: 20, characters: 100, bulk: false },
  { name: 'other single', keys: 20, characters: 100, bulk: false },
];

test('after a kill every acknowledged change is there whole, and every other one whole or not at all', {
  timeout: 30_000 + ROUNDS * 20_000,
}, async () => {
  const random = new Random(SEED);
  const lanes = SIZES.map(size => new Lane(size, random));
  const data = await temporaryDirectory();
  let acknowledged = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    const server = await serve(['--data', data], { FREEHOLD_TOKEN: TOKEN });
    if (round === 0) await Namespace.create(server.url, TOKEN, NAMESPACE);
    const namespace = Namespace.at(server.url, TOKEN, NAMESPACE);
    await compare(namespace, lanes, `round ${round}, FREEHOLD_TEST_SEED=${SEED}`);
    if (round < ROUNDS) acknowledged += await writeUntilKilled(server, namespace, lanes, random);
  }
  expect(acknowledged).toBeGreaterThan(0);
});

/** Kills once a random number of changes was acknowledged, and a random moment after that. */
async function writeUntilKilled(
  server: ServeProcess,
  namespace: Namespace,
  lanes: readonly Lane[],
  random: Random,
): Promise<number> {
  const enough = 1 + random.below(150);
  const momentMs = random.below(100);
  let acknowledged = 0;
  let dying = false;
  const dead = Promise.withResolvers<unknown>();
  const kill = () => {
    dying = true;
    server.end('SIGKILL').then(dead.resolve, dead.reject);
  };
  const count = () => {
    acknowledged++;
    if (acknowledged === enough) setTimeout(kill, momentMs);
  };
  const runs = lanes.map(async lane => {
    await lane.run(namespace, count).catch(error => {
      if (!dying || error instanceof Refused) throw error;
    });
  });
  await Promise.all([dead.promise, ...runs]);
  return acknowledged;
}

/** Holds what the server has against what each lane may have left. */
async function compare(namespace: Namespace, lanes: readonly Lane[], context: string): Promise<void> {
  const listed = await namespace.list();
  const all: Pairs = new Map();
  for (const lane of lanes) {
    const found = await namespace.read(lane.keys);
    const [before, after] = lane.possible;
    const whole = isDeepStrictEqual(found, before) || isDeepStrictEqual(found, after);
    if (!whole) expect.fail(`${context}: ${lane.name}: ${difference(found, before)}; ${difference(found, after)}`);
    lane.adopt(found);
    for (const [key, pair] of found) all.set(key, pair);
  }
  const metadata = new Map([...all].map(([key, pair]) => [key, pair.metadata]));
  expect(
    isDeepStrictEqual(new Map([...listed].toSorted()), new Map([...metadata].toSorted())),
    `${context}: listing`,
  ).toBe(true);
}

function difference(found: Pairs, wanted: Pairs): string {
  const missing = [...wanted.keys()].filter(key => !found.has(key)).length;
  const extra = [...found.keys()].filter(key => !wanted.has(key)).length;
  const other = [...found].filter(([key, pair]) => wanted.has(key) && !isDeepStrictEqual(pair, wanted.get(key))).length;
  return `of ${wanted.size} pairs ${missing} are missing and ${other} differ, ${extra} should not be there`;
}

/**
 * SIGKILL at a system call within a commit or within the copying of the log, which crash points only stand before and
 * after.
 *
 * It fails where `WriterLoop` replies before `execute` has committed.
 */
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { serveInGroup, temporaryDirectory } from '../../server/src/cli/process.fixture.ts';
import { Injection } from './injection.fixture.ts';
import { Namespace, outcomeOf, type Pairs } from './namespace.fixture.ts';
import { Random } from './random.fixture.ts';

const ROUNDS = 6 * Number(process.env['FREEHOLD_TEST_RUNS'] ?? 1);
const SEED = Number(process.env['FREEHOLD_TEST_SEED'] ?? randomInt(2 ** 31));
const TOKEN = 'token-that-the-tests-give';
const ID = '00000000000000000000000000000002';
const KEYS = Array.from({ length: 300 }, (_, index) => `key ${index}`);

test('a kill at any system call of a commit or of a copy leaves every bulk whole', {
  timeout: 60_000 + ROUNDS * 20_000,
}, async () => {
  const data = join(await temporaryDirectory(), 'data');
  const database = join(data, 'freehold.db');
  let acknowledged: Pairs = new Map();
  let pending: Pairs = acknowledged;
  for (let round = 0; round <= ROUNDS; round++) {
    const context = `round ${round}, FREEHOLD_TEST_SEED=${SEED}`;
    const random = new Random(SEED + round);
    const server = await serveInGroup(['--data', data], { FREEHOLD_TOKEN: TOKEN });
    const namespace = new Namespace({ url: server.url, token: TOKEN }, ID);
    if (round === 0) await namespace.create('title');
    const found = await namespace.read([...(await namespace.list()).keys()]);
    expect([acknowledged, pending], context).toContainEqual(found);
    acknowledged = found;
    if (round === ROUNDS) break;

    const inCopy = round % 2 === 0;
    const files = [inCopy ? database : `${database}-wal`];
    const calls = ['pwrite64', 'fsync', 'fdatasync', 'ftruncate'];
    await Injection.begin(server.pid, { files, calls, effect: `signal=SIGKILL:when=${1 + random.below(12)}+` });
    do {
      const value = `round ${round} ${random.below(1_000)} `.repeat(100 + random.below(100));
      pending = new Map(KEYS.map(key => [key, { value, metadata: round }]));
      const outcome = await outcomeOf(namespace.bulkPut(pending)).catch(() => 'dead');
      if (outcome === '200') acknowledged = pending;
      // Without more writes the log is copied.
    } while (!inCopy && acknowledged === pending);
    expect((await server.end()).signal, context).toBe('SIGKILL');
  }
});

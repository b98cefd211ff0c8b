/** Single puts from 64 connections, each durable before its answer. */
import type { Suite } from '../bench.ts';
import type { Freehold } from '../freehold.ts';
import type { HttpServer } from '../load.ts';
import { lettersOf } from '../pairs.ts';
import { FSYNC_A_PUT, REDIS } from '../peers.ts';
import type { Redis } from '../redis.ts';
import { type Contender, interleave } from '../rounds.ts';
import { TOKEN } from '../token.ts';
import { type Load, NUMBER_DIGITS, rawRequest, Wrk } from '../wrk.ts';

const CONNECTIONS = 64;
const VALUE_BYTES = 100;
const value = lettersOf(0, VALUE_BYTES);
/** From the first key of a round to that of the next. */
const KEYS_A_ROUND = 10_000_000;

export const puts: Suite = {
  name: 'puts',
  summary: 'single puts from 64 connections, each durable before its answer',
  async run(bench) {
    const wrk = new Wrk(await bench.directory('wrk'));
    const seconds = bench.choose(1, 4);
    const contenders: Contender[] = [];
    for (const server of await bench.serveAll()) contenders.push(await freeholdContender(wrk, server, seconds));
    const peer = await bench.peer('fsync-a-put', await bench.directory('plain'), TOKEN);
    contenders.push(putsContender(FSYNC_A_PUT, wrk, peer, '/values', seconds));
    const redis = await bench.redis();
    if (redis !== undefined) contenders.push(redisContender(redis, bench.choose(5_000, 50_000)));
    return await interleave({ suite: 'puts', work: '100 B', ...bench.rounds(2, 5) }, contenders);
  },
};

async function freeholdContender(wrk: Wrk, server: Freehold, seconds: number): Promise<Contender> {
  const namespace = await server.namespace();
  const contender = putsContender(server.name, wrk, server, namespace.path('/values'), seconds);
  return {
    ...contender,
    run: async round => {
      const perSecond = await contender.run(round);
      await server.settle();
      return perSecond;
    },
  };
}

function putsContender(name: string, wrk: Wrk, { url, client }: HttpServer, path: string, seconds: number): Contender {
  const counted = (number: string): string => rawRequest('PUT', `${path}/key-${number}`, TOKEN, value.toString());
  const load: Load = { url, connections: CONNECTIONS, seconds, requests: { counted } };
  return {
    name,
    unit: 'per second',
    run: async round => {
      const firstNumber = round * KEYS_A_ROUND;
      const { requests, perSecond } = await wrk.run(load, firstNumber);
      // In order, so that all but the last few were answered; wrk tries the first one out without sending it.
      for (const number of [2, Math.ceil(requests / 2) + 1, Math.max(requests - CONNECTIONS, 2)]) {
        const key = `key-${String(firstNumber + number).padStart(NUMBER_DIGITS, '0')}`;
        const { body } = await client.ok('GET', `${path}/${key}`);
        if (!body.equals(value)) throw new Error(`${name}: ${key} was put, and is ${body}`);
      }
      return perSecond;
    },
  };
}

function redisContender(redis: Redis, count: number): Contender {
  return {
    name: REDIS,
    unit: 'per second',
    run: async () => {
      const before = await redis.count();
      const perSecond = await redis.setsPerSecond(count, CONNECTIONS, VALUE_BYTES);
      // Its keys are random: now and then one comes twice.
      const added = (await redis.count()) - before;
      if (added < count * 0.99) throw new Error(`of ${count} keys that were set in Redis, ${added} are there`);
      return perSecond;
    },
  };
}

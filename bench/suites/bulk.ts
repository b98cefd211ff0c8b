/** Bulk writes over HTTP, durable before the answer. */
import type { Bench, Suite } from '../bench.ts';
import type { Freehold } from '../freehold.ts';
import { type Measurement, sum } from '../measurement.ts';
import type { Peer } from '../peer.ts';
import { RECEIVING, REDIS, SQLITE_ALONE, SQLITE_AND_RECEIVING, WRITING } from '../peers.ts';
import type { Redis } from '../redis.ts';
import { type Contender, interleave } from '../rounds.ts';
import { bodyOf, keepLast, pairsOf, samplePairs, WORKLOADS, type WorkloadName } from '../workloads.ts';

const NAMES = ['small', 'medium', 'large', 'huge', 'base64', 'escapes'] as const;

export const bulk: Suite = {
  name: 'bulk',
  summary: 'bulk writes of up to 10,000 pairs and 100 MB, durable before the answer',
  async run(bench) {
    const measurements: Measurement[] = [];
    for (const name of NAMES) {
      measurements.push(...(await measure(bench, name)));
      await bench.clear();
    }
    return measurements;
  },
};

async function measure(bench: Bench, name: WorkloadName): Promise<Measurement[]> {
  const body = keepLast((round: number) => bodyOf(WORKLOADS[name], round));
  const contenders: Contender[] = [];
  for (const server of await bench.serveAll()) contenders.push(bulkContender(server, name, body));
  const machine = await bench.peer('machine', await bench.directory('machine'));
  contenders.push(
    sqliteContender(await bench.peer('sqlite-alone', await bench.directory('sqlite')), name),
    receivingContender(machine, body),
    { name: WRITING, unit: 'ms', run: round => machine.run('write', name, round) },
  );
  const redis = await bench.redis();
  if (redis !== undefined) contenders.push(redisContender(redis, name));
  const rounds = { suite: 'bulk', work: WORKLOADS[name].name, ...roundsFor(bench, name) };
  return withSum(await interleave(rounds, contenders));
}

/** More of what takes little, also before any counts: compilers want to see it often. */
function roundsFor(bench: Bench, name: WorkloadName): { runs: number; warmups: number } {
  const isShort = name === 'small' || name === 'medium';
  return isShort ? { ...bench.rounds(5, 15), warmups: bench.choose(2, 5) } : bench.rounds(2, 9);
}

/** A server that gets bulks of a workload, each into a new namespace: how the cost grows is another suite's. */
export function bulkContender(server: Freehold, name: WorkloadName, body: (round: number) => Buffer): Contender {
  return {
    name: server.name,
    unit: 'ms',
    run: async round => {
      const namespace = await server.namespace(round + 1);
      const ms = await namespace.putBulk(WORKLOADS[name], round, body(round));
      await server.settle();
      return ms;
    },
  };
}

/** The same. */
export function sqliteContender(peer: Peer, name: WorkloadName): Contender {
  return { name: SQLITE_ALONE, unit: 'ms', run: round => peer.run('put', name, round, round + 1) };
}

function receivingContender(machine: Peer, body: (round: number) => Buffer): Contender {
  return {
    name: RECEIVING,
    unit: 'ms',
    run: async round => {
      const sent = body(round);
      const answer = await machine.client.ok('PUT', '/bulk', sent);
      const { bytes }: { bytes: number } = JSON.parse(answer.body.toString());
      if (bytes !== sent.length) throw new Error(`of ${sent.length} bytes ${bytes} were received`);
      return answer.ms;
    },
  };
}

function redisContender(redis: Redis, name: WorkloadName): Contender {
  return {
    name: REDIS,
    unit: 'ms',
    run: async round => {
      const ms = await redis.setAll(pairsOf(WORKLOADS[name], round));
      for (const { key, value } of samplePairs(WORKLOADS[name], round)) await redis.checkValue(key, value);
      return ms;
    },
  };
}

/** What a server takes that receives first and then writes. */
function withSum(measurements: Measurement[]): Measurement[] {
  const sqlite = measurements.find(({ contender }) => contender === SQLITE_ALONE);
  const receiving = measurements.find(({ contender }) => contender === RECEIVING);
  if (sqlite === undefined || receiving === undefined) return measurements;
  return [...measurements, sum(SQLITE_AND_RECEIVING, sqlite, receiving)];
}

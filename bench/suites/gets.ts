/** Values read from 64 connections. */
import type { Bench, Suite } from '../bench.ts';
import type { Freehold } from '../freehold.ts';
import { loadContender, sameBytes } from '../load.ts';
import type { Measurement } from '../measurement.ts';
import { lettersOf } from '../pairs.ts';
import { BARE_READ, CONSTANT } from '../peers.ts';
import { HAS_PROC } from '../proc.ts';
import { type Contender, interleave } from '../rounds.ts';
import { bodyOf, keysOf, WORKLOADS } from '../workloads.ts';
import { Wrk } from '../wrk.ts';

const CONNECTIONS = 64;
const LARGE_BYTES = 25_165_824;
const workload = WORKLOADS.small;

export const gets: Suite = {
  name: 'gets',
  summary: 'values of 100 B and of 24 MiB, read from 64 connections',
  async run(bench) {
    const small = await measureSmall(bench);
    await bench.clear();
    return [...small, ...(await measureLarge(bench))];
  },
};

/** Ten thousand pairs, in no order. */
async function measureSmall(bench: Bench): Promise<Measurement[]> {
  const wrk = new Wrk(await bench.directory('wrk'));
  const load = { wrk, connections: CONNECTIONS, seconds: bench.choose(1, 4), unit: 'per second' } as const;
  const stored = sameBytes(index => lettersOf(index, workload.valueBytes));
  const servers = await bench.serveAll();
  const [requests = []] = await Promise.all(servers.map(fill));
  const contenders: Contender[] = servers.map(server =>
    loadContender({ ...load, name: server.name, server, requests, check: stored }),
  );
  const bare = await bench.peer('bare-read', servers[0]?.directory ?? '');
  contenders.push(loadContender({ ...load, name: BARE_READ, server: bare, requests, check: stored }));
  const constant = await bench.peer('constant', String(workload.valueBytes));
  const check = sameBytes(() => lettersOf(0, workload.valueBytes));
  contenders.push(loadContender({ ...load, name: CONSTANT, server: constant, requests, check }));
  return await interleave({ suite: 'gets', work: '100 B', ...bench.rounds(2, 5) }, contenders);
}

/** Answers the requests for what it has written. */
async function fill(server: Freehold): Promise<{ method: 'GET'; path: string }[]> {
  const namespace = await server.namespace();
  await namespace.putBulk(workload, 0, bodyOf(workload, 0));
  await server.settle();
  return keysOf(workload, 0).map(key => ({ method: 'GET', path: namespace.path(`/values/${key}`) }));
}

/** One value, again and again. */
async function measureLarge(bench: Bench): Promise<Measurement[]> {
  const wrk = new Wrk(await bench.directory('wrk'));
  const value = lettersOf(0, LARGE_BYTES);
  const load = { wrk, connections: CONNECTIONS, seconds: bench.choose(4, 6), unit: 'MB/s' } as const;
  const check = sameBytes(() => value);
  const contenders: Contender[] = [];
  const memory: (() => Measurement)[] = [];
  for (const server of await bench.serveAll()) {
    const namespace = await server.namespace();
    const path = namespace.path('/values/large');
    await server.client.ok('PUT', path, value);
    await server.settle();
    contenders.push(loadContender({ ...load, name: server.name, server, requests: [{ method: 'GET', path }], check }));
    if (HAS_PROC) memory.push(memoryOver(server));
  }
  const constant = await bench.peer('constant', String(LARGE_BYTES));
  contenders.push(
    loadContender({ ...load, name: CONSTANT, server: constant, requests: [{ method: 'GET', path: '/' }], check }),
  );
  const rates = await interleave(
    { suite: 'gets', work: '24 MiB', ...bench.rounds(1, 5), warmups: bench.choose(0, 1) },
    contenders,
  );
  return [...rates, ...memory.map(read => read())];
}

/** How much more memory a server has needed at its most than it takes now. */
function memoryOver(server: Freehold): () => Measurement {
  const idle = server.memory.now;
  return () => ({
    suite: 'gets',
    work: '24 MiB: peak memory over idle',
    contender: server.name,
    unit: 'MB',
    samples: [server.memory.peak - idle],
  });
}

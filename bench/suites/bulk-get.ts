/** A hundred values in one answer. */
import type { Suite } from '../bench.ts';
import type { Freehold } from '../freehold.ts';
import { type LoadOptions, loadContender, type RepeatableRequest } from '../load.ts';
import { lettersOf } from '../pairs.ts';
import { PLAIN } from '../peers.ts';
import { type Contender, interleave } from '../rounds.ts';
import { bodyOf, keysOf, WORKLOADS } from '../workloads.ts';
import { Wrk } from '../wrk.ts';

const KEYS = 100;
const workload = WORKLOADS.small;
const keys = keysOf(workload, 0);

export const bulkGet: Suite = {
  name: 'bulk-get',
  summary: 'bulk gets of 100 values of 100 B',
  async run(bench) {
    const wrk = new Wrk(await bench.directory('wrk'));
    const load = { wrk, connections: 4, seconds: bench.choose(1, 3), check, unit: 'per second' } as const;
    const contenders: Contender[] = [];
    for (const server of await bench.serveAll()) {
      const requests = await fill(server);
      contenders.push(loadContender({ ...load, name: server.name, server, requests }));
      if (contenders.length > 1) continue;
      const plain = await bench.peer('plain', server.directory);
      contenders.push(loadContender({ ...load, name: PLAIN, server: plain, requests }));
    }
    return await interleave({ suite: 'bulk-get', work: '100 × 100 B', ...bench.rounds(2, 5) }, contenders);
  },
};

/** Answers requests for all that it has written. */
async function fill(server: Freehold): Promise<RepeatableRequest[]> {
  const namespace = await server.namespace();
  await namespace.putBulk(workload, 0, bodyOf(workload, 0));
  await server.settle();
  const path = namespace.path('/bulk/get');
  return Array.from({ length: workload.pairs / KEYS }, (_, index) => {
    return { method: 'POST', path, body: JSON.stringify({ keys: keys.slice(index * KEYS, (index + 1) * KEYS) }) };
  });
}

const check: LoadOptions['check'] = (answer, index) => {
  const { result }: { result: { values: Record<string, string> } } = JSON.parse(answer.toString());
  for (let number = index * KEYS; number < (index + 1) * KEYS; number++) {
    const key = keys[number] ?? '';
    const wanted = lettersOf(number, workload.valueBytes).toString();
    if (result.values[key] !== wanted) throw new Error(`${key} was read as ${result.values[key]}`);
  }
};

/** How the cost of a bulk grows with the namespace that it goes into. */
import type { Bench, Suite } from '../bench.ts';
import { ROUND_BEYOND_DATASETS } from '../datasets.ts';
import type { Measurement } from '../measurement.ts';
import { SQLITE_ALONE } from '../peers.ts';
import { type Contender, interleave } from '../rounds.ts';
import { bodyOf, keysOf, WORKLOADS } from '../workloads.ts';

const workload = WORKLOADS.small;

export const growth: Suite = {
  name: 'growth',
  summary: 'bulk writes of 10,000 × 100 B into namespaces of 1 thousand pairs and more',
  async run(bench) {
    const sizes = [
      1_000,
      10_000,
      100_000,
      ...bench.choose([], [1_000_000]),
      ...(bench.options.huge ? [10_000_000] : []),
    ];
    const measurements: Measurement[] = [];
    for (const size of sizes) {
      measurements.push(...(await measure(bench, size)));
      await bench.clear();
    }
    return measurements;
  },
};

/** Each bulk is deleted again, outside of the time that is taken, so that the namespace keeps its size. */
async function measure(bench: Bench, pairs: number): Promise<Measurement[]> {
  const contenders: Contender[] = [];
  for (const server of await bench.serveAll(() => bench.datasets.copy(pairs))) {
    const namespace = await server.namespace();
    const run = async (round: number): Promise<number> => {
      const ms = await namespace.putBulk(workload, round, bodyOf(workload, round));
      await namespace.deleteBulk(workload, round, JSON.stringify(keysOf(workload, round)));
      await server.settle();
      return ms;
    };
    contenders.push({ name: server.name, unit: 'ms', run });
  }
  const sqlite = await bench.peer('sqlite-alone', await bench.datasets.copy(pairs));
  const run = async (round: number): Promise<number> => {
    const ms = await sqlite.run('put', 'small', round);
    await sqlite.run('delete', 'small', round);
    return ms;
  };
  contenders.push({ name: SQLITE_ALONE, unit: 'ms', run });
  const work = `into ${pairs.toLocaleString('en')} pairs`;
  return await interleave(
    { suite: 'growth', work, ...bench.rounds(3, 9), firstRound: ROUND_BEYOND_DATASETS },
    contenders,
  );
}

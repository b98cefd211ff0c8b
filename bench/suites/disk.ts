/** What the data takes on the disk after a clean stop. */
import type { Bench, Suite } from '../bench.ts';
import type { Build } from '../build.ts';
import type { Measurement } from '../measurement.ts';
import { type Contender, interleave } from '../rounds.ts';
import { bodyOf, keysOf, WORKLOADS, type Workload } from '../workloads.ts';
import { bytesOnDisk } from '../workspace.ts';

/** A bulk's body has no room for 10,000 values of 10 kB and their keys: two bulks take half of them each. */
const HALF: Workload = { name: '5,000 × 10 kB', pairs: 5_000, valueBytes: 10_000, form: 'plain' };

interface Work {
  readonly work: string;
  readonly workload: Workload;
  readonly bulks: number;
}

const WORKS: readonly Work[] = [
  { work: '10,000 × 10 kB', workload: HALF, bulks: 2 },
  { work: '100,000 × 100 B', workload: WORKLOADS.small, bulks: 10 },
];

export const disk: Suite = {
  name: 'disk',
  summary: 'bytes on the disk for each byte of keys and values, after a clean stop',
  async run(bench) {
    const measurements: Measurement[] = [];
    for (const work of WORKS) {
      const contenders = bench.builds.map((build): Contender => {
        return { name: build.name, unit: 'bytes a byte', run: () => measure(bench, build, work) };
      });
      // The same every time.
      const rounds = { suite: 'disk', work: work.work, runs: 1, warmups: 0 };
      measurements.push(...(await interleave(rounds, contenders)));
    }
    return measurements;
  },
};

async function measure(bench: Bench, build: Build, { workload, bulks }: Work): Promise<number> {
  const server = await bench.serve(undefined, build);
  const namespace = await server.namespace();
  let stored = 0;
  for (let round = 0; round < bulks; round++) {
    await namespace.putBulk(workload, round, bodyOf(workload, round));
    const keyBytes = keysOf(workload, round).reduce((bytes, key) => bytes + key.length, 0);
    stored += keyBytes + workload.pairs * workload.valueBytes;
  }
  await server.end();
  const taken = await bytesOnDisk(server.directory);
  await bench.clear();
  return taken / stored;
}

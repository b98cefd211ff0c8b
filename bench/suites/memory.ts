/** Resident memory of a server that was just started: at rest, and the most that bulks of 100 MB take it to. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Suite } from '../bench.ts';
import type { Build } from '../build.ts';
import type { Measurement } from '../measurement.ts';
import { HAS_PROC } from '../proc.ts';
import { type Contender, interleave } from '../rounds.ts';
import { bodyOf, WORKLOADS } from '../workloads.ts';

/** From the first answer on. */
const REST_MS = 2_000;
const workload = WORKLOADS.large;

/** Work → how many bulks at once. */
const WORKS = { 'at rest': 0, 'one bulk of 100 MB, over rest': 1, 'eight bulks of 100 MB at once, over rest': 8 };

export const memory: Suite = {
  name: 'memory',
  summary: 'resident memory at rest, and the peak of one bulk of 100 MB and of eight at once',
  async run(bench) {
    if (!HAS_PROC) {
      bench.note('There is no /proc here, which memory is read from. It was left out.');
      return [];
    }
    const body = bodyOf(workload, 0);
    const measurements: Measurement[] = [];
    for (const [work, bulks] of Object.entries(WORKS)) {
      const contenders = bench.builds.map((build): Contender => {
        return { name: build.name, unit: 'MB', run: () => measure(bench, build, body, bulks) };
      });
      measurements.push(
        ...(await interleave({ suite: 'memory', work, ...bench.rounds(1, 3), warmups: 0 }, contenders)),
      );
    }
    return measurements;
  },
};

/** Every bulk goes into a namespace of its own. */
async function measure(bench: Bench, build: Build, body: Buffer, bulks: number): Promise<number> {
  const server = await bench.serve(undefined, build);
  const namespaces = [await server.namespace()];
  while (namespaces.length < bulks) namespaces.push(await server.namespace(namespaces.length + 1));
  await sleep(REST_MS);
  const atRest = server.memory.now;
  await Promise.all(namespaces.slice(0, bulks).map(namespace => namespace.putBulk(workload, 0, body)));
  const figure = bulks === 0 ? atRest : server.memory.peak - atRest;
  await bench.clear();
  return figure;
}

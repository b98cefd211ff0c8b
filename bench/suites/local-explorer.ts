/** Bulk writes beside Cloudflare's own local server. */
import type { Bench, Suite } from '../bench.ts';
import type { Measurement } from '../measurement.ts';
import { LOCAL_EXPLORER } from '../peers.ts';
import { type Contender, interleave } from '../rounds.ts';
import { bodyOf, keepLast, WORKLOADS, type WorkloadName } from '../workloads.ts';
import { bulkContender } from './bulk.ts';

const NAMES = ['small', 'medium', 'large'] as const;

export const localExplorer: Suite = {
  name: 'local-explorer',
  summary: 'the same bulk writes beside the Local Explorer of wrangler dev, each of which takes it a minute or more',
  async run(bench) {
    if (bench.options.quick) {
      bench.note('Local Explorer takes minutes, and is left out of quick runs.');
      return [];
    }
    const measurements: Measurement[] = [];
    for (const name of NAMES) {
      measurements.push(...(await measure(bench, name)));
      await bench.clear();
    }
    return measurements;
  },
};

/** Local Explorer but once, after the others. */
async function measure(bench: Bench, name: WorkloadName): Promise<Measurement[]> {
  const rounds = { suite: 'local-explorer', work: WORKLOADS[name].name };
  const body = keepLast((round: number) => bodyOf(WORKLOADS[name], round));
  const servers: Contender[] = [];
  for (const server of await bench.serveAll()) servers.push(bulkContender(server, name, body));
  const ours = await interleave({ ...rounds, ...bench.rounds(1, 5) }, servers);
  const explorer = await bench.localExplorer();
  const run = (): Promise<number> => explorer.putBulk(WORKLOADS[name], 0);
  const theirs = await interleave({ ...rounds, runs: 1, warmups: 0 }, [{ name: LOCAL_EXPLORER, unit: 'ms', run }]);
  return [...ours, ...theirs];
}

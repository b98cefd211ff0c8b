/** Bulk deletions of pairs that are there, durable before the answer. */
import type { Suite } from '../bench.ts';
import type { Freehold } from '../freehold.ts';
import type { Peer } from '../peer.ts';
import { SQLITE_ALONE } from '../peers.ts';
import { type Contender, interleave } from '../rounds.ts';
import { bodyOf, keysOf, WORKLOADS } from '../workloads.ts';

const workload = WORKLOADS.small;

export const bulkDelete: Suite = {
  name: 'bulk-delete',
  summary: 'bulk deletions of 10,000 pairs, durable before the answer',
  async run(bench) {
    const contenders: Contender[] = [];
    for (const server of await bench.serveAll()) contenders.push(await freeholdContender(server));
    contenders.push(sqliteDeleting(await bench.peer('sqlite-alone', await bench.directory('sqlite'))));
    return await interleave({ suite: 'bulk-delete', work: workload.name, ...bench.rounds(5, 15) }, contenders);
  },
};

async function freeholdContender(server: Freehold): Promise<Contender> {
  const namespace = await server.namespace();
  return {
    name: server.name,
    unit: 'ms',
    run: async round => {
      await namespace.putBulk(workload, round, bodyOf(workload, round));
      await server.settle();
      const ms = await namespace.deleteBulk(workload, round, JSON.stringify(keysOf(workload, round)));
      await server.settle();
      return ms;
    },
  };
}

function sqliteDeleting(peer: Peer): Contender {
  return {
    name: SQLITE_ALONE,
    unit: 'ms',
    run: async round => {
      await peer.run('put', 'small', round);
      return await peer.run('delete', 'small', round);
    },
  };
}

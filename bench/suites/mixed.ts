/** How long small requests wait while bulks of 100 MB are written, one after the other. */
import type { Bench, Suite } from '../bench.ts';
import type { Freehold } from '../freehold.ts';
import { type Measurement, percentile } from '../measurement.ts';
import type { Namespace } from '../namespace.ts';
import { lettersOf } from '../pairs.ts';
import { BULK_BY_SQLITE } from '../peers.ts';
import { type Contender, interleave } from '../rounds.ts';
import { bodyOf, keepLast, WORKLOADS } from '../workloads.ts';
import { sqliteContender } from './bulk.ts';

interface Load {
  /** Ends the names of what is measured under it. */
  readonly suffix: string;
  readonly bulks: number;
  readonly atOnce: boolean;
}

const IN_TURN: Load = { suffix: '', bulks: 3, atOnce: false };
const AT_ONCE: Load = { suffix: ', eight bulks at once', bulks: 8, atOnce: true };
const WARMUPS = 1;
const workload = WORKLOADS.large;
/** Of what is read. */
const KEY = 'small';

/** Milliseconds that each request took. */
interface Latencies {
  readonly gets: readonly number[];
  readonly puts: readonly number[];
}

export const mixed: Suite = {
  name: 'mixed',
  summary: 'how long gets and puts take while bulks of 100 MB are written',
  async run(bench) {
    const inTurn = await measure(bench, IN_TURN);
    await bench.clear();
    return [...inTurn, ...(await measure(bench, AT_ONCE))];
  },
};

async function measure(bench: Bench, load: Load): Promise<Measurement[]> {
  const body = keepLast((round: number) => bodyOf(workload, round));
  const probed: Probed[] = [];
  for (const server of await bench.serveAll()) probed.push(await Probed.prepare(bench, server, load, body));
  const contenders = probed.map(one => one.contender);
  // A put waits for the bulk before it, which takes that long at least.
  if (!load.atOnce) contenders.push(await bulkBySqlite(bench));
  const rounds = { suite: 'mixed', work: `put, p99${load.suffix}`, ...bench.rounds(1, 5), warmups: WARMUPS };
  const puts = await interleave(rounds, contenders);
  return [...puts, ...probed.flatMap(one => one.others)];
}

async function bulkBySqlite(bench: Bench): Promise<Contender> {
  const sqlite = await bench.peer('sqlite-alone', await bench.directory('sqlite'));
  return { ...sqliteContender(sqlite, 'large'), name: BULK_BY_SQLITE };
}

type Probe = (round: number) => Promise<Latencies>;

/** A server under bulks, asked for small things at the same time. */
class Probed {
  readonly name: string;
  readonly #suffix: string;
  readonly #probe: Probe;
  readonly #rounds: Latencies[] = [];

  private constructor(name: string, suffix: string, probe: Probe) {
    this.name = name;
    this.#suffix = suffix;
    this.#probe = probe;
  }

  static async prepare(
    bench: Bench,
    server: Freehold,
    { suffix, bulks, atOnce }: Load,
    body: (round: number) => Buffer,
  ): Promise<Probed> {
    const namespace = await server.namespace();
    await server.client.ok('PUT', namespace.path(`/values/${KEY}`), lettersOf(0, 100));
    const prober = await bench.peer('prober', server.url + namespace.path('/values'), KEY);
    let namespaces = 1;
    return new Probed(server.name, suffix, async round => {
      const targets: Namespace[] = [];
      while (targets.length < bulks) targets.push(await server.namespace(++namespaces));
      // Made before, because a server that is asked while it is being made has nothing else to do.
      const bulk = body(round);
      await prober.client.ok('POST', '/begin');
      if (atOnce) await Promise.all(targets.map(target => target.putBulk(workload, round, bulk)));
      else for (const target of targets) await target.putBulk(workload, round, bulk);
      const answer = await prober.client.ok('POST', '/finish');
      await server.settle();
      return JSON.parse(answer.body.toString());
    });
  }

  /** Of puts, which alone have a peer. */
  get contender(): Contender {
    return {
      name: this.name,
      unit: 'ms',
      run: async round => {
        const latencies = await this.#probe(round);
        this.#rounds.push(latencies);
        return percentile(latencies.puts, 99);
      },
    };
  }

  /** What else is to be known of the rounds that counted. */
  get others(): Measurement[] {
    const rounds = this.#rounds.slice(WARMUPS);
    const measurement = { suite: 'mixed', contender: this.name, unit: 'ms' } as const;
    const work = (name: string) => ({ ...measurement, work: name + this.#suffix });
    return [
      { ...work('put, median'), samples: rounds.map(({ puts }) => percentile(puts, 50)) },
      { ...work('get, p99'), samples: rounds.map(({ gets }) => percentile(gets, 99)) },
      { ...work('get, median'), samples: rounds.map(({ gets }) => percentile(gets, 50)) },
    ];
  }
}

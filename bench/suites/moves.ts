/** Whole files by the commands that move them, from the start of the command to its end. */
import { execFile } from 'node:child_process';
import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Bench, Suite } from '../bench.ts';
import type { Build } from '../build.ts';
import type { Freehold } from '../freehold.ts';
import { READY_MADE } from '../peers.ts';
import { type Contender, interleave } from '../rounds.ts';
import { TOKEN } from '../token.ts';
import { bodyOf, WORKLOADS } from '../workloads.ts';

const execute = promisify(execFile);

const workload = WORKLOADS.medium;
const BULKS = 10;
const PAIRS = '100,000 × 1 kB';

export const moves: Suite = {
  name: 'moves',
  summary: 'freehold import and freehold export of 100 MB, beside bulk writes of the same pairs',
  async run(bench) {
    const directory = await bench.directory('files');
    const file = join(directory, 'pairs.jsonl');
    const bodies = Array.from({ length: BULKS }, (_, round) => bodyOf(workload, round));
    await writeLines(file, bodies);
    const rounds = { suite: 'moves', ...bench.rounds(2, 7), warmups: 1 };
    const movers = (await bench.serveAll()).map((server, number) => new Mover(server, bench.builds[number]));
    const imports = movers.map(mover => mover.importing(file));
    const measurements = await interleave({ ...rounds, work: `import, ${PAIRS}` }, [
      ...imports,
      await bulks(bench, bodies),
    ]);
    const exports = movers.map(mover => mover.exporting(join(directory, 'exported.jsonl')));
    return [...measurements, ...(await interleave({ ...rounds, work: `export, ${PAIRS}` }, exports))];
  },
};

/** A bulk's items lie one behind the other: without its brackets, and with breaks for commas, they are JSON Lines. */
async function writeLines(file: string, bodies: readonly Buffer[]): Promise<void> {
  const handle = await open(file, 'w');
  for (const body of bodies) await handle.write(`${body.toString().slice(1, -1).replaceAll('"},{"', '"}\n{"')}\n`);
  await handle.close();
}

/** One server, and the command of its build. */
class Mover {
  readonly #server: Freehold;
  readonly #main: string;
  #namespaces = 0;

  constructor(server: Freehold, build: Build | undefined) {
    this.#server = server;
    this.#main = build?.main ?? '';
  }

  /** Into a namespace that is empty, each time. */
  importing(file: string): Contender {
    return this.#contender(async () => {
      const namespace = await this.#server.namespace(++this.#namespaces);
      const ms = await this.#run('import', namespace.id, file);
      for (const round of [0, BULKS - 1]) await namespace.checkSamples(workload, round);
      return ms;
    });
  }

  /** What was imported last. */
  exporting(target: string): Contender {
    return this.#contender(async () => {
      const namespace = await this.#server.namespace(this.#namespaces);
      const ms = await this.#run('export', namespace.id, '--to', target);
      const { size } = await stat(target);
      await rm(target);
      if (size < BULKS * workload.pairs * workload.valueBytes) throw new Error(`an export has ${size} bytes only`);
      return ms;
    });
  }

  #contender(run: () => Promise<number>): Contender {
    return {
      name: this.#server.name,
      unit: 'ms',
      run: async () => {
        const ms = await run();
        await this.#server.settle();
        return ms;
      },
    };
  }

  async #run(...words: string[]): Promise<number> {
    const startMs = performance.now();
    await execute(process.execPath, [this.#main, ...words, '--server', this.#server.url], {
      env: { PATH: process.env['PATH'], FREEHOLD_TOKEN: TOKEN },
    });
    return performance.now() - startMs;
  }
}

/** The same pairs by bulk writes that lie ready, one after the other, with nothing to start. */
async function bulks(bench: Bench, bodies: readonly Buffer[]): Promise<Contender> {
  const server = await bench.serve();
  return {
    name: READY_MADE,
    unit: 'ms',
    run: async round => {
      const namespace = await server.namespace(round + 1);
      let ms = 0;
      for (const [number, body] of bodies.entries()) ms += await namespace.putBulk(workload, number, body);
      await server.settle();
      return ms;
    },
  };
}

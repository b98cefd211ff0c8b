/** Data directories full of pairs of 100 bytes, each made once by the server under test, and copied for who needs it. */
import { constants } from 'node:fs';
import { cp } from 'node:fs/promises';
import type { Bench } from './bench.ts';
import { bodyOf, WORKLOADS } from './workloads.ts';
import type { Workspace } from './workspace.ts';

/** A round of a workload whose keys no dataset has. */
export const ROUND_BEYOND_DATASETS = 200_000;

export class Datasets {
  readonly #bench: Bench;
  readonly #workspace: Workspace;
  readonly #made = new Map<number, string>();

  constructor(bench: Bench, workspace: Workspace) {
    this.#bench = bench;
    this.#workspace = workspace;
  }

  /** A directory whose namespace number 1 holds the pairs numbered from 0; gone after `Bench.clear`. */
  async copy(pairs: number): Promise<string> {
    const made = this.#made.get(pairs) ?? (await this.#make(pairs));
    return this.#bench.adopt(await this.#copyOf(made));
  }

  /** From the next smaller one that there is. */
  async #make(pairs: number): Promise<string> {
    const workload = pairs < WORKLOADS.small.pairs ? WORKLOADS.tiny : WORKLOADS.small;
    const usable = [...this.#made.keys()].filter(count => count < pairs && count % workload.pairs === 0);
    const smaller = Math.max(0, ...usable);
    const source = this.#made.get(smaller);
    const directory = await (source === undefined ? this.#workspace.directory('dataset') : this.#copyOf(source));
    const server = await this.#bench.serve(directory);
    const namespace = await server.namespace();
    for (let round = smaller / workload.pairs; round < pairs / workload.pairs; round++) {
      await namespace.putBulk(workload, round, bodyOf(workload, round));
    }
    await server.end();
    this.#made.set(pairs, directory);
    return directory;
  }

  async #copyOf(directory: string): Promise<string> {
    const copy = await this.#workspace.directory('dataset');
    await cp(directory, copy, { recursive: true, mode: constants.COPYFILE_FICLONE });
    return copy;
  }
}

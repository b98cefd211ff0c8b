/** What the suites work with: how thorough to be, and whatever has to be started and cleared away. */
import type { Build } from './build.ts';
import { Datasets } from './datasets.ts';
import { Freehold } from './freehold.ts';
import { LocalExplorer } from './local-explorer.ts';
import type { Measurement } from './measurement.ts';
import type { Options } from './options.ts';
import { Peer, type PeerName } from './peer.ts';
import { Redis } from './redis.ts';
import { hasTool, missing } from './tools.ts';
import type { Workspace } from './workspace.ts';

export interface Suite {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  run(bench: Bench): Promise<Measurement[]>;
}

export interface BenchParts {
  readonly options: Options;
  readonly workspace: Workspace;
  readonly builds: readonly [own: Build, ...others: Build[]];
  /** Takes what a reader of the figures has to know. */
  readonly note: (text: string) => void;
}

interface Started {
  end(): Promise<void>;
}

export class Bench {
  readonly options: Options;
  readonly builds: BenchParts['builds'];
  readonly datasets: Datasets;
  readonly note: (text: string) => void;
  readonly #workspace: Workspace;
  #started: Started[] = [];
  #directories: string[] = [];

  constructor({ options, workspace, builds, note }: BenchParts) {
    this.options = options;
    this.#workspace = workspace;
    this.builds = builds;
    this.note = note;
    this.datasets = new Datasets(this, workspace);
  }

  /** One of two, by how thorough the run is. */
  choose<Choice>(quick: Choice, full: Choice): Choice {
    return this.options.quick ? quick : full;
  }

  rounds(quick: number, full: number): { runs: number; warmups: number } {
    return { runs: this.options.runs ?? this.choose(quick, full), warmups: this.choose(1, 2) };
  }

  /** A new, empty one, which is gone after `clear`. */
  async directory(name: string): Promise<string> {
    return this.adopt(await this.#workspace.directory(name));
  }

  /** Has a directory removed by `clear`. */
  adopt(directory: string): string {
    this.#directories.push(directory);
    return directory;
  }

  /** The server under test, on a directory of its own unless one is named. */
  async serve(directory?: string, build: Build = this.builds[0]): Promise<Freehold> {
    const { serve: flags, profile } = this.options;
    const place = directory ?? (await this.directory('data'));
    return this.#keep(await Freehold.start({ build, directory: place, flags, profile }));
  }

  /** One of every build that takes part. */
  async serveAll(directory: () => Promise<string> = () => this.directory('data')): Promise<Freehold[]> {
    const servers: Freehold[] = [];
    for (const build of this.builds) servers.push(await this.serve(await directory(), build));
    return servers;
  }

  async peer(name: PeerName, ...args: string[]): Promise<Peer> {
    return this.#keep(await Peer.start(name, args));
  }

  /** Undefined, and noted, where it is not installed. */
  async redis(): Promise<Redis | undefined> {
    if (hasTool('redis-server')) return this.#keep(await Redis.start(await this.directory('redis')));
    this.note(`${missing('redis-server')}. Redis was left out.`);
    return undefined;
  }

  async localExplorer(): Promise<LocalExplorer> {
    return this.#keep(await LocalExplorer.start(await this.directory('wrangler')));
  }

  /** Ends what was started, and removes its directories. */
  async clear(): Promise<void> {
    const started = this.#started;
    const directories = this.#directories;
    this.#started = [];
    this.#directories = [];
    await Promise.all(started.map(one => one.end()));
    for (const directory of directories) await this.#workspace.drop(directory);
  }

  #keep<One extends Started>(one: One): One {
    this.#started.push(one);
    return one;
  }
}

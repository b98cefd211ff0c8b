/** The system under test: the built server, as a process of its own. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Build } from './build.ts';
import { freePort } from './free-port.ts';
import { HttpClient } from './http-client.ts';
import { Namespace } from './namespace.ts';
import { HAS_PROC, isBusy, type Memory, memoryOf } from './proc.ts';
import { Program, type ProgramOptions } from './program.ts';
import { TOKEN } from './token.ts';

export interface FreeholdOptions {
  readonly build: Build;
  /** May be new. */
  readonly directory: string;
  /** For `serve`. */
  readonly flags: readonly string[];
  /** Where its CPU profiles go. */
  readonly profile: string | undefined;
}

/** How long a server that has answered may go on working: copying its log. */
const SETTLE_MS = 10_000;
const SETTLE_STEP_MS = 10;
/** One after the other. */
const LOOKS_AT_REST = 5;
const SETTLE_BLINDLY_MS = 500;

export class Freehold {
  readonly name: string;
  readonly directory: string;
  readonly url: string;
  readonly client: HttpClient;
  readonly #program: Program;

  private constructor({ build, directory }: FreeholdOptions, program: Program, client: HttpClient) {
    this.name = build.name;
    this.directory = directory;
    this.#program = program;
    this.client = client;
    this.url = client.url;
  }

  /** Fulfilled when it says that it is ready. */
  static async start(options: FreeholdOptions): Promise<Freehold> {
    const port = await freePort();
    const program = new Program(serveProgram(options, port));
    const client = new HttpClient(`http://127.0.0.1:${port}`, { authorization: `Bearer ${TOKEN}` });
    await program.answers(() => client.ok('GET', '/readyz'));
    return new Freehold(options, program, client);
  }

  /** Makes a namespace where there is none of this number. */
  async namespace(number = 1): Promise<Namespace> {
    const namespace = new Namespace(this.client, number);
    await namespace.make();
    return namespace;
  }

  /** Waits until the process rests, so that what it does after an answer does not slow the next contender down. */
  async settle(): Promise<void> {
    if (!HAS_PROC) return await sleep(SETTLE_BLINDLY_MS);
    const end = performance.now() + SETTLE_MS;
    for (let looksAtRest = 0; looksAtRest < LOOKS_AT_REST && performance.now() < end; ) {
      looksAtRest = isBusy(this.#program.pid) ? 0 : looksAtRest + 1;
      await sleep(SETTLE_STEP_MS);
    }
  }

  get memory(): Memory {
    return memoryOf(this.#program.pid);
  }

  /** In order, as SIGTERM does. */
  async end(): Promise<void> {
    this.client.close();
    await this.#program.end();
  }
}

function serveProgram({ build, directory, flags, profile }: FreeholdOptions, port: number): ProgramOptions {
  const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  return {
    command: process.execPath,
    args: [...profiling, build.main, 'serve', '--data', directory, '--port', String(port), ...flags],
    env: { FREEHOLD_TOKEN: TOKEN, FREEHOLD_LOG_FORMAT: 'json' },
  };
}

/** Processes that the bench starts, each of which it ends by itself. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProgramOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Nothing of this process's environment is passed on but the PATH. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Whether the program has children that do not end with it. */
  readonly withChildren?: boolean;
}

const READY_MS = 60_000;
const ASK_EVERY_MS = 2;
const END_MS = 60_000;
/** Of its output, for the case that it does not become ready. */
const CHARACTERS_KEPT = 8_000;

const running = new Set<Program>();

/** For the end of this process, at which nothing can be waited for. */
export function killAllPrograms(): void {
  for (const program of running) program.signal('SIGKILL');
}

export class Program {
  readonly pid: number;
  readonly #options: ProgramOptions;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended = Promise.withResolvers<void>();
  #output = '';

  constructor(options: ProgramOptions) {
    const { command, args, env, cwd, withChildren = false } = options;
    this.#options = options;
    this.#child = spawn(command, args, { cwd, env: { PATH: process.env['PATH'], ...env }, detached: withChildren });
    this.pid = this.#child.pid ?? 0;
    running.add(this);
    this.#child.once('exit', () => this.#end());
    this.#child.once('error', error => {
      this.#keep(error.message);
      this.#end();
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream.on('data', this.#keep);
  }

  get isRunning(): boolean {
    return running.has(this);
  }

  /** Fulfilled with the first group of a pattern when that is found in what the program says. */
  async says(pattern: RegExp): Promise<string> {
    return await this.#becomes(() => Promise.resolve(pattern.exec(this.#output)?.[1]));
  }

  /** Fulfilled when `ask` is, which is called again and again. */
  async answers(ask: () => Promise<unknown>): Promise<void> {
    await this.#becomes(() =>
      ask().then(
        () => true,
        () => undefined,
      ),
    );
  }

  signal(signal: NodeJS.Signals): void {
    if (this.pid === 0) return;
    try {
      process.kill(this.#options.withChildren === true ? -this.pid : this.pid, signal);
    } catch {
      // It has ended by itself.
    }
  }

  /** Ends it in order, and for good where that takes too long. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!this.isRunning) return;
    this.signal(signal);
    const late = setTimeout(() => this.signal('SIGKILL'), END_MS);
    await this.#ended.promise;
    clearTimeout(late);
    // Some children outlive it.
    if (this.#options.withChildren === true) this.signal('SIGKILL');
  }

  async #becomes<State>(look: () => Promise<State | undefined>): Promise<State> {
    const latest = performance.now() + READY_MS;
    while (this.isRunning && performance.now() < latest) {
      const state = await look();
      if (state !== undefined) {
        this.#stopListening();
        return state;
      }
      await sleep(ASK_EVERY_MS);
    }
    this.signal('SIGKILL');
    await this.#ended.promise;
    const { command, args } = this.#options;
    throw new Error(`${command} ${args.join(' ')} did not become ready:\n${this.#output.trim()}`);
  }

  readonly #keep = (text: Buffer | string): void => {
    this.#output = (this.#output + text).slice(-CHARACTERS_KEPT);
  };

  /** From here on what it says is thrown away, at the least cost. */
  #stopListening(): void {
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream.off('data', this.#keep).resume();
  }

  #end(): void {
    running.delete(this);
    this.#ended.resolve();
  }
}

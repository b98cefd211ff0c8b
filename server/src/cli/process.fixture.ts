/** For tests: the command line as a process of its own, with nothing of this process's environment but the PATH. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

const LISTENING = /"url":"([^"]+)".*"msg":"listening"/;

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Environment = Readonly<Record<string, string>>;

/** Runs a command to its end. */
export function freehold(argv: readonly string[], environment: Environment = {}): Promise<Finished> {
  return new Running(process.execPath, [MAIN, ...argv], environment).finished;
}

/** Begins a command that is to be killed. */
export function begin(argv: readonly string[], environment: Environment = {}): Running {
  return new Running(process.execPath, [MAIN, ...argv], environment);
}

/** Starts `freehold serve`, on a free port where no addresses are given, and waits until it listens. */
export async function serve(argv: readonly string[], environment: Environment = {}): Promise<ServeProcess> {
  const running = new Running(process.execPath, [MAIN, 'serve', ...somewhere(argv), ...argv], environment);
  const [, url = ''] = await running.output(LISTENING);
  return new ServeProcess(running, url);
}

/** The same with files that cannot grow past a size: a write beyond it fails, as on a failing disk. */
export async function serveWithFileLimit(
  fileKibMax: number,
  argv: readonly string[],
  environment: Environment = {},
): Promise<ServeProcess> {
  const limited = ['-c', `ulimit -f ${fileKibMax}; exec "$0" "$@"`];
  const command = [process.execPath, MAIN, 'serve', ...somewhere(argv), ...argv];
  const running = new Running('bash', [...limited, ...command], environment);
  const [, url = ''] = await running.output(LISTENING);
  return new ServeProcess(running, url);
}

/**
 * The same in a process group of its own, which is what a signal then goes to. The `wrapper` is a command that runs
 * what follows it.
 */
export async function serveInGroup(
  argv: readonly string[],
  environment: Environment = {},
  wrapper: readonly string[] = [],
): Promise<ServeProcess> {
  const running = runInGroup(argv, environment, wrapper);
  const [, url = ''] = await running.output(LISTENING);
  return new ServeProcess(running, url);
}

/** As `serveInGroup`, where the start is to fail. */
export function failToServe(
  argv: readonly string[],
  environment: Environment = {},
  wrapper: readonly string[] = [],
): Promise<Finished> {
  return runInGroup(argv, environment, wrapper).finished;
}

function runInGroup(argv: readonly string[], environment: Environment, wrapper: readonly string[]): Running {
  const command = [...wrapper, process.execPath, MAIN, 'serve', ...somewhere(argv), ...argv];
  const [program = '', ...rest] = command;
  return new Running(program, rest, environment, { group: true });
}

/** The same on a terminal. */
export async function serveOnTerminal(argv: readonly string[], environment: Environment = {}): Promise<ServeProcess> {
  const command = ['exec', process.execPath, MAIN, 'serve', ...somewhere(argv), ...argv].join(' ');
  const running = new Running('script', ['-qec', command, '/dev/null'], { ...environment, TERM: 'xterm' });
  const [, url = ''] = await running.output(/listening on (\S+?),? /);
  return new ServeProcess(running, url);
}

function somewhere(argv: readonly string[]): string[] {
  return argv.includes('--listen') ? [] : ['--port', '0'];
}

export class ServeProcess {
  readonly url: string;
  readonly #running: Running;

  constructor(running: Running, url: string) {
    this.#running = running;
    this.url = url;
  }

  get stdout(): string {
    return this.#running.stdout;
  }

  get pid(): number {
    return this.#running.child.pid ?? 0;
  }

  output(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#running.output(pattern);
  }

  /** The status of a request that only a valid token gets a 200 for. */
  async statusWith(token: string): Promise<number> {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${this.url}/client/v4/user/tokens/verify`, { headers });
    await response.arrayBuffer();
    return response.status;
  }

  end(...signals: NodeJS.Signals[]): Promise<Finished> {
    for (const signal of signals) this.#running.kill(signal);
    return this.#running.finished;
  }

  pressCtrlC(): Promise<Finished> {
    this.#running.child.stdin.write('\x03');
    return this.#running.finished;
  }
}

export class Running {
  stdout = '';
  stderr = '';
  readonly child: ChildProcessWithoutNullStreams;
  readonly finished: Promise<Finished>;
  readonly #group: boolean;

  /** In a `group` of its own it is killed with all that it has started. */
  constructor(program: string, argv: readonly string[], environment: Environment, { group = false } = {}) {
    this.#group = group;
    this.child = spawn(program, argv, { env: { PATH: process.env['PATH'], ...environment }, detached: group });
    this.child.stdout.setEncoding('utf8').on('data', text => {
      this.stdout += text;
    });
    this.child.stderr.setEncoding('utf8').on('data', text => {
      this.stderr += text;
    });
    this.finished = once(this.child, 'close').then(([code, signal]) => {
      return { code, signal, stdout: this.stdout, stderr: this.stderr };
    });
    onTestFinished(async () => {
      this.kill('SIGKILL');
      await this.finished;
    });
  }

  kill(signal: NodeJS.Signals): void {
    const ended = this.child.exitCode !== null || this.child.signalCode !== null;
    // The number of a process that has ended may be another's.
    if (this.#group && !ended && this.child.pid !== undefined) process.kill(-this.child.pid, signal);
    else this.child.kill(signal);
  }

  /** Waits for a piece of standard output. */
  output(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(this.stdout);
        if (match) resolve(match);
      };
      look();
      this.child.stdout.on('data', look);
      this.finished.then(({ code, stdout, stderr }) => {
        reject(new Error(`ended with ${code} before ${pattern} came:\n${stdout}${stderr}`));
      }, reject);
    });
  }
}

/** An empty directory that goes when the test is over. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'freehold-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

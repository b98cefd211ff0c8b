/** Faults in the system calls of a running process, by strace. */
import { once } from 'node:events';
import { Running } from '../../server/src/cli/process.fixture.ts';

export interface Fault {
  /** Only calls on these files fail. */
  readonly files: readonly string[];
  readonly calls: readonly string[];
  /** As strace has it: `error=EIO`, `signal=SIGKILL`, and `:when=` which of the calls of a thread. */
  readonly effect: string;
}

export class Injection {
  readonly #strace: Running;

  private constructor(strace: Running) {
    this.#strace = strace;
  }

  /** From when this is fulfilled until `end`. */
  static async begin(pid: number, { files, calls, effect }: Fault): Promise<Injection> {
    const names = calls.join(',');
    const paths = files.flatMap(file => ['-P', file]);
    const inject = ['-e', `trace=${names}`, '-e', `inject=${names}:${effect}`];
    const strace = new Running('strace', ['-f', '-p', String(pid), '-o', '/dev/null', ...paths, ...inject], {});
    while (!/ attached/.test(strace.stderr)) await once(strace.child.stderr, 'data');
    return new Injection(strace);
  }

  /** The calls succeed again. */
  async end(): Promise<void> {
    this.#strace.kill('SIGTERM');
    await this.#strace.finished;
  }
}

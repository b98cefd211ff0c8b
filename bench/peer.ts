/** The peers that are programs of this directory, from the side of the bench. */
import { fileURLToPath } from 'node:url';
import { HttpClient } from './http-client.ts';
import { Program } from './program.ts';
import { TOKEN } from './token.ts';
import type { WorkloadName } from './workloads.ts';

export type PeerName = 'bare-read' | 'constant' | 'fsync-a-put' | 'machine' | 'plain' | 'prober' | 'sqlite-alone';

export class Peer {
  readonly url: string;
  readonly client: HttpClient;
  readonly #program: Program;

  private constructor(program: Program, url: string) {
    this.#program = program;
    this.url = url;
    this.client = new HttpClient(this.url, { authorization: `Bearer ${TOKEN}` });
  }

  /** `name` is its file's in `peers/`. */
  static async start(name: PeerName, args: readonly string[]): Promise<Peer> {
    const file = fileURLToPath(new URL(`./peers/${name}.ts`, import.meta.url));
    const program = new Program({ command: process.execPath, args: [file, ...args] });
    return new Peer(program, await program.says(/^(http:\S+)\n/));
  }

  /** Milliseconds that the peer took for a round of a workload, by its own clock. */
  async run(task: string, name: WorkloadName, round: number, namespace = 1): Promise<number> {
    const query = `workload=${name}&round=${round}&namespace=${namespace}`;
    const { body } = await this.client.ok('POST', `/${task}?${query}`);
    const { ms }: { ms: number } = JSON.parse(body.toString());
    return ms;
  }

  async end(): Promise<void> {
    this.client.close();
    await this.#program.end();
  }
}

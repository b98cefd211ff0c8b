/**
 * Cloudflare's own local server: the Local Explorer of `wrangler dev`, a simulator for development whose REST API is
 * nearly that of Workers KV.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './build.ts';
import { HttpClient } from './http-client.ts';
import { Program } from './program.ts';
import { bodyOf, samplePairs, type Workload } from './workloads.ts';

const NAMESPACE = '00000000000000000000000000000001';
const BASE = `/cdn-cgi/local/explorer/api/storage/kv/namespaces/${NAMESPACE}`;

export class LocalExplorer {
  readonly #program: Program;
  readonly #client: HttpClient;

  private constructor(program: Program, url: string) {
    this.#program = program;
    this.#client = new HttpClient(url, { 'content-type': 'application/json' });
  }

  /** With its project, its data and its home in `directory`. */
  static async start(directory: string): Promise<LocalExplorer> {
    const project = {
      name: 'bench',
      main: 'worker.js',
      compatibility_date: '2026-10-01',
      kv_namespaces: [{ binding: 'KV', id: NAMESPACE }],
    };
    await writeFile(join(directory, 'wrangler.json'), JSON.stringify(project));
    await writeFile(join(directory, 'worker.js'), 'export default { fetch: () => new Response() };');
    const wrangler = join(ROOT, 'node_modules/wrangler/bin/wrangler.js');
    const flags = ['--ip=127.0.0.1', '--port=0', '--inspector-port=0', '--show-interactive-dev-session=false'];
    const program = new Program({
      command: process.execPath,
      args: [wrangler, 'dev', ...flags],
      cwd: directory,
      env: { HOME: directory, CI: '1', WRANGLER_SEND_METRICS: 'false' },
      withChildren: true,
    });
    return new LocalExplorer(program, await program.says(/Ready on (http:\S+)\n/));
  }

  /** Milliseconds of a bulk write, whose pairs are then looked at. */
  async putBulk(workload: Workload, round: number): Promise<number> {
    const { ms } = await this.#client.ok('PUT', `${BASE}/bulk`, bodyOf(workload, round));
    for (const { key, value } of samplePairs(workload, round)) {
      const { body } = await this.#client.ok('GET', `${BASE}/values/${key}`);
      if (!body.equals(value)) throw new Error(`${key} has another value in Local Explorer`);
    }
    return ms;
  }

  async end(): Promise<void> {
    this.#client.close();
    await this.#program.end('SIGINT');
  }
}

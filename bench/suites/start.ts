/** From the start of a process to its first answer that it is ready. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Suite } from '../bench.ts';
import { freePort } from '../free-port.ts';
import { HttpClient } from '../http-client.ts';
import { BARE_PROCESS } from '../peers.ts';
import { Program } from '../program.ts';
import { type Contender, interleave } from '../rounds.ts';

/** JavaScript, because the server under test is not TypeScript any more. */
const BARE_SERVER = `
import { createServer } from 'node:http';
const server = createServer((request, response) => response.end('ready'));
server.listen(Number(process.argv[2]), '127.0.0.1');
`;

export const start: Suite = {
  name: 'start',
  summary: 'from the start of the process to the first answer of /readyz',
  async run(bench) {
    const pairs = bench.choose(100_000, 1_000_000);
    const contenders: Contender[] = [];
    for (const build of bench.builds) {
      const full = await bench.datasets.copy(pairs);
      contenders.push(
        contender(`${build.name}, new directory`, () => bench.serve(undefined, build)),
        contender(`${build.name}, ${pairs.toLocaleString('en')} pairs`, () => bench.serve(full, build)),
      );
    }
    const file = join(await bench.directory('bare'), 'server.mjs');
    await writeFile(file, BARE_SERVER);
    contenders.push(contender(BARE_PROCESS, () => startBare(file)));
    return await interleave({ suite: 'start', work: 'start to ready', ...bench.rounds(5, 15) }, contenders);
  },
};

interface Started {
  end(): Promise<void>;
}

/** Milliseconds until a start is fulfilled, which it is by the first answer. */
function contender(name: string, begin: () => Promise<Started>): Contender {
  return {
    name,
    unit: 'ms',
    run: async () => {
      const before = performance.now();
      const started = await begin();
      const ms = performance.now() - before;
      await started.end();
      return ms;
    },
  };
}

async function startBare(file: string): Promise<Started> {
  const port = await freePort();
  const program = new Program({ command: process.execPath, args: [file, String(port)] });
  const client = new HttpClient(`http://127.0.0.1:${port}`);
  await program.answers(() => client.ok('GET', '/'));
  return program;
}

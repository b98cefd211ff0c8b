/**
 * SIGKILL for the server, and SIGKILL or Ctrl-C for the command, while pairs are imported or pulled; then the same again,
 * from where the command has said, or from what a pull has kept. In the end there is every pair, as it was.
 *
 * It fails where `pullPairs` keeps the cursor of a page before its pairs are written.
 */
import { randomInt } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Running, type ServeProcess, serveInGroup, temporaryDirectory } from '../../server/src/cli/process.fixture.ts';
import { UnrulyProxy } from '../transfer/unruly-proxy.fixture.ts';
import { Random } from './random.fixture.ts';

const MAIN = fileURLToPath(new URL('../../server/src/cli/main.ts', import.meta.url));
const ROUNDS = 2 * Number(process.env['FREEHOLD_TEST_RUNS'] ?? 1);
const SEED = Number(process.env['FREEHOLD_TEST_SEED'] ?? randomInt(2 ** 31));
const TOKEN = 'token-that-the-tests-give';
const ACCOUNT = '00000000000000000000000000000001';
const PAIRS = 60_000;
const INTERRUPTED = 130;
/** A command that is killed over and over comes to its end all the same, as it is let be from here on. */
const KILLS_MAX = 4;

test.each(['import', 'pull'] as const)(
  'a killed %s, gone on with, leaves every pair as it was',
  {
    timeout: 60_000 + ROUNDS * 60_000,
  },
  async kind => {
    const directory = await temporaryDirectory();
    const file = join(directory, 'pairs.jsonl');
    await writeFile(file, lines());
    const source = await startServer(join(directory, 'source'));
    await run(source.url, directory, 'import', 'source', file, '--create', '--account', ACCOUNT).finished;
    let kills = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const random = new Random(SEED + round);
      const site = new Site(join(directory, `round-${round}`), directory);
      await site.start();
      kills += await bring(kind, site, { file, source: source.url, random });
      const exported = join(directory, 'exported.jsonl');
      const { code, stderr } = await run(site.url, directory, 'export', 'source', '--to', exported, '--force').finished;
      expect(code, `seed ${SEED + round}: ${stderr}`).toBe(0);
      const same = (await readFile(exported)).equals(await readFile(file));
      expect(same, `seed ${SEED + round}`).toBe(true);
      await site.stop();
    }
    process.stdout.write(`${kind}: seed ${SEED}, ${ROUNDS} rounds, ${kills} kills\n`);
    expect(kills).toBeGreaterThan(0);
  },
);

/** In the order of an export. */
function lines(): string {
  const value = 'v'.repeat(200);
  const all = Array.from({ length: PAIRS }, (_, index) => {
    const expiration = index % 3 === 0 ? { expiration: 4_000_000_000 + index } : {};
    const metadata = index % 5 === 0 ? { metadata: { index } } : {};
    return { key: `key ${String(index).padStart(8, '0')}`, value: value + index, ...expiration, ...metadata };
  });
  return `${all.map(item => JSON.stringify(item)).join('\n')}\n`;
}

/** The server that pairs are brought to; it comes back on the same port. */
class Site {
  readonly directory: string;
  readonly #data: string;
  #server: ServeProcess | undefined;

  constructor(data: string, directory: string) {
    this.#data = data;
    this.directory = directory;
  }

  get url(): string {
    if (this.#server === undefined) throw new Error('the server has not started');
    return this.#server.url;
  }

  async start(): Promise<void> {
    const port = this.#server === undefined ? [] : ['--port', new URL(this.url).port];
    this.#server = await startServer(this.#data, port);
  }

  async kill(): Promise<void> {
    await this.#server?.end('SIGKILL');
    await this.start();
  }

  async stop(): Promise<void> {
    await this.#server?.end('SIGTERM');
  }
}

type Kind = 'import' | 'pull';

interface Bringing {
  readonly file: string;
  readonly source: string;
  readonly random: Random;
}

/** So many writes there are at least that a kill may wait for. */
const WRITES: Readonly<Record<Kind, number>> = { import: 6, pull: 500 };

/** Answers how many kills it took. */
async function bring(kind: Kind, site: Site, { file, source, random }: Bringing): Promise<number> {
  let atWrite: (() => void) | undefined;
  await using proxy = await UnrulyProxy.start(site.url, path => {
    if (path.endsWith('/import')) atWrite?.();
    return undefined;
  });
  let place = '1';
  for (let kills = 0; ; ) {
    const argv =
      kind === 'import'
        ? ['import', 'source', file, '--create', '--account', ACCOUNT, '--from-line', place]
        : ['pull', 'source', '--create', '--cloudflare-url', `${source}/client/v4`, '--cloudflare-account', ACCOUNT];
    const running = run(proxy.url, site.directory, ...argv);
    let writesLeft = kills < KILLS_MAX ? 1 + random.below(WRITES[kind]) : Number.POSITIVE_INFINITY;
    let killing: Promise<void> | undefined;
    atWrite = () => {
      if (--writesLeft !== 0) return;
      kills++;
      if (random.chance(0.3)) killing = site.kill();
      else running.kill(random.chance(0.5) ? 'SIGKILL' : 'SIGINT');
    };
    const { code, signal, stderr } = await running.finished;
    await killing;
    if (code === 0) return kills;
    const wasKilled = signal !== null || code === INTERRUPTED || killing !== undefined;
    expect(wasKilled, stderr).toBe(true);
    place = /go on with --from-line (\d+)/.exec(stderr)?.[1] ?? place;
  }
}

function startServer(data: string, flags: readonly string[] = []): Promise<ServeProcess> {
  return serveInGroup(['--data', data, '--log-level', 'info', ...flags], { FREEHOLD_TOKEN: TOKEN });
}

function run(server: string, home: string, ...argv: string[]): Running {
  return new Running(process.execPath, [MAIN, ...argv], {
    FREEHOLD_TOKEN: TOKEN,
    FREEHOLD_SERVER: server,
    CLOUDFLARE_API_TOKEN: TOKEN,
    XDG_CONFIG_HOME: home,
    XDG_STATE_HOME: join(home, 'state'),
  });
}

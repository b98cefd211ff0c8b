/** The real Miniflare, with namespaces that it finds at a URL: the server's. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { convertV4MiniflareOptions, Miniflare, type RemoteProxyConnectionString } from 'miniflare';
import { afterAll, beforeAll } from 'vitest';
import { type Freehold, TOKEN } from '../clients/freehold.fixture.ts';
import { type BoundNamespace, EVAL, MODULES, runInWorker, type WorkerFunction } from './worker.fixture.ts';

const ROOT = fileURLToPath(new URL('.', import.meta.url));

/** What a user gives as the namespace's remote URL, as the documentation says. */
export function remoteOf({ url }: Pick<Freehold, 'url'>, namespace: string, query: Record<string, string> = {}): URL {
  return new URL(`/binding/${namespace}?${new URLSearchParams({ token: TOKEN, ...query })}`, url);
}

/** In place of a URL: the namespace is Miniflare's own. */
export const SIMULATED = Symbol('simulated');

type Remote = URL | typeof SIMULATED;

/** One Miniflare for all tests of a file, started behind the server. */
export function useMiniflare<Name extends string = 'KV'>(
  remotes: () => Promise<Readonly<Record<Name | 'KV', Remote>>>,
): MiniflareProcess<Name | 'KV'> {
  const miniflare = new MiniflareProcess<Name | 'KV'>();
  beforeAll(async () => miniflare.start(await remotes()));
  afterAll(() => miniflare.stop());
  return miniflare;
}

/** Every namespace is that of a worker of its own, because Miniflare takes one remote URL a worker. */
export class MiniflareProcess<Name extends string> {
  #miniflare: Miniflare | undefined;

  async start(remotes: Readonly<Record<Name, Remote>>): Promise<void> {
    const modules = await Promise.all(MODULES.map(readModule));
    const workers = Object.entries<Remote>(remotes).map(([name, remote]) => ({
      name,
      modules,
      modulesRoot: ROOT,
      compatibilityDate: '2026-10-01',
      unsafeEvalBinding: EVAL,
      kvNamespaces: {
        [name]: {
          id: name,
          ...(remote !== SIMULATED && { remoteProxyConnectionString: remote as RemoteProxyConnectionString }),
        },
      },
    }));
    this.#miniflare = new Miniflare(convertV4MiniflareOptions({ workers }));
    await this.#miniflare.ready;
  }

  async stop(): Promise<void> {
    await this.#miniflare?.dispose();
  }

  /** The namespace as Miniflare gives it to Node. Its own type for that has lost all overloads but one. */
  async namespace(name: Name): Promise<BoundNamespace> {
    return (await this.#running.getKVNamespace(name, name)) as unknown as BoundNamespace;
  }

  /** See `runInWorker`. The worker is that of KV. */
  async run<Args extends readonly unknown[], Result>(
    call: WorkerFunction<'KV', Args, Result>,
    ...args: Args
  ): Promise<Result> {
    const worker = await this.#running.getWorker('KV');
    const send = async (body: string) => (await worker.fetch('http://worker/', { method: 'POST', body })).text();
    return runInWorker(send, call, args);
  }

  get #running(): Miniflare {
    if (this.#miniflare === undefined) throw new Error('Miniflare has not started');
    return this.#miniflare;
  }
}

async function readModule(name: string): Promise<{ type: 'ESModule'; path: string; contents: string }> {
  const path = join(ROOT, name);
  return { type: 'ESModule', path, contents: await readFile(path, 'utf8') };
}

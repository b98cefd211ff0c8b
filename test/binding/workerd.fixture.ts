/** The real workerd, with a worker that runs the functions tests send it, on KV bindings that are the server's. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll } from 'vitest';
import { type Freehold, TOKEN } from '../clients/freehold.fixture.ts';
import { EVAL, MODULES, runInWorker, type WorkerFunction } from './worker.fixture.ts';

const { default: WORKERD, compatibilityDate } = createRequire(import.meta.url)('workerd');

/** An external service as workerd's configuration has it. */
export interface Binding {
  /** `host:port` or `unix:path`. */
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
}

type Bindings<Name extends string> = Readonly<Record<Name, Binding>>;

/** What a user writes into the configuration, as the documentation says; `changes` with undefined take a header out. */
export function bindingOf(
  { url }: Pick<Freehold, 'url'>,
  namespace: string,
  changes: Readonly<Record<string, string | undefined>> = {},
): Binding {
  const all = { Authorization: `Bearer ${TOKEN}`, 'Freehold-Namespace': namespace, ...changes };
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(all)) if (value !== undefined) headers[name] = value;
  return { address: new URL(url).host, headers };
}

/** One workerd for all tests of a file, started behind the server. */
export function useWorkerd<Name extends string>(bindings: () => Promise<Bindings<Name>>): Workerd<Name> {
  const workerd = new Workerd<Name>();
  beforeAll(async () => workerd.start(await bindings()));
  afterAll(() => workerd.stop());
  return workerd;
}

export class Workerd<Name extends string> {
  #process: ChildProcess | undefined;
  #directory = '';
  #url = '';

  async start(bindings: Bindings<Name>): Promise<void> {
    this.#directory = await mkdtemp(join(tmpdir(), 'freehold-workerd-'));
    for (const name of MODULES) await copyFile(new URL(name, import.meta.url), join(this.#directory, name));
    const file = join(this.#directory, 'config.capnp');
    await writeFile(file, configuration(bindings));
    // The experimental feature is that the worker may evaluate text.
    const argv = ['serve', '--experimental', '--control-fd=3', file];
    this.#process = spawn(WORKERD, argv, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
    this.#url = `http://127.0.0.1:${await listeningPort(this.#process)}`;
  }

  async stop(): Promise<void> {
    if (this.#process?.kill('SIGKILL')) await once(this.#process, 'exit');
    await rm(this.#directory, { recursive: true });
  }

  /** See `runInWorker`. */
  run<Args extends readonly unknown[], Result>(
    call: WorkerFunction<Name, Args, Result>,
    ...args: Args
  ): Promise<Result> {
    return runInWorker(body => post(this.#url, body), call, args);
  }
}

/** On a connection of its own: an idle one is closed by workerd after seconds, and that may be just when it is used. */
async function post(url: string, body: string): Promise<string> {
  const request = httpRequest(url, { method: 'POST', agent: false }).end(body);
  const [answer] = await once(request, 'response');
  return text(answer);
}

/** The port that workerd tells of when it listens. */
async function listeningPort(workerd: ChildProcess): Promise<number> {
  const [, , stderr, control] = workerd.stdio;
  if (!(stderr instanceof Readable && control instanceof Readable)) throw new Error('workerd has no pipes');
  const complaints = text(stderr);
  for await (const line of createInterface(control)) return JSON.parse(line).port;
  throw new Error(`workerd did not start: ${await complaints}`);
}

function configuration(bindings: Readonly<Record<string, Binding>>): string {
  const names = Object.keys(bindings);
  const services = Object.entries(bindings).map(([name, { address, headers }]) => {
    const injected = Object.entries(headers).map(header => `(name = ${quote(header[0])}, value = ${quote(header[1])})`);
    return `(name = ${quote(name)}, external = (address = ${quote(address)}, http = (injectRequestHeaders = [${injected}])))`;
  });
  const worker = `(
    modules = [${MODULES.map(name => `(name = ${quote(name)}, esModule = embed ${quote(name)})`)}],
    compatibilityDate = ${quote(compatibilityDate)},
    bindings = [(name = ${quote(EVAL)}, unsafeEval = void), ${names.map(name => `(name = ${quote(name)}, kvNamespace = ${quote(name)})`)}],
  )`;
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = ${worker}), ${services}],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}

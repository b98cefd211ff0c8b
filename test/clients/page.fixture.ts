/** The pages of docs/clients/: what they have for pasting is run as it is, against a server of its own. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll } from 'vitest';
import { askServer } from '../../server/src/admin/client.ts';
import type { Connection } from '../../server/src/connect/recipe.ts';
import type { ClientName } from '../../server/src/options.ts';
import { type RunningServer, startServer } from '../../server/src/server.ts';
import { ACCOUNT } from './freehold.fixture.ts';
import { WRANGLER } from './wrangler.fixture.ts';

const run = promisify(execFile);
const ROOT = new URL('../../', import.meta.url);
export const ROOT_TOKEN = 'the-root-token-of-the-tests';

/** What stands in the pages. */
export const DOCUMENTED = {
  url: 'http://127.0.0.1:8480',
  account: ACCOUNT,
  namespace: { id: '0123456789abcdef0123456789abcdef', title: 'sessions' },
  token: 'your-token',
} as const satisfies Connection;

export function pageText(name: string): string {
  return readFileSync(new URL(`docs/${name}.md`, ROOT), 'utf8');
}

/** The code blocks of a page in their order. */
export function blocksOf(page: string): { language: string; code: string }[] {
  return [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', code = '']) => ({ language, code }));
}

/** One page and one server for all tests of a file, with a token such as `freehold connect` mints for the client. */
export function usePage(name: ClientName | 'unstorage', tokenFor: ClientName): Page {
  const page = new Page(name, tokenFor);
  beforeAll(() => page.open());
  afterAll(() => page.close());
  return page;
}

export class Page {
  /** Where what is pasted lies and runs; packages are found from there. */
  directory = '';
  token = '';
  readonly #name: string;
  readonly #client: ClientName;
  #server: RunningServer | undefined;
  #dataDirectory = '';

  constructor(name: string, client: ClientName) {
    this.#name = name;
    this.#client = client;
  }

  async open(): Promise<void> {
    this.directory = await mkdtemp(join(tmpdir(), 'freehold-page-'));
    this.#dataDirectory = await mkdtemp(join(tmpdir(), 'freehold-clients-'));
    this.#server = await startServer({
      dataDirectory: this.#dataDirectory,
      listen: [{ host: '127.0.0.1', port: 0 }, { path: this.socket }],
      threads: 1,
      logLevel: 'silent',
      logFormat: 'json',
      givenToken: { source: 'the test', token: ROOT_TOKEN },
    });
    await this.#connect();
    await symlink(fileURLToPath(new URL('node_modules', ROOT)), join(this.directory, 'node_modules'));
    // The installed wrangler, with nothing downloaded.
    await this.file(
      'npx',
      `#!/bin/sh\n[ "$1" = wrangler ] && shift && exec '${process.execPath}' '${WRANGLER}' "$@"\n`,
    );
    await chmod(join(this.directory, 'npx'), 0o755);
  }

  async close(): Promise<void> {
    await this.#server?.close();
    for (const directory of [this.directory, this.#dataDirectory]) await rm(directory, { recursive: true });
  }

  async #connect(): Promise<void> {
    await this.request('POST', '', { title: DOCUMENTED.namespace.title, id: DOCUMENTED.namespace.id });
    const request = { namespace: DOCUMENTED.namespace.title, client: this.#client, create: false };
    const answer = await askServer(this.#dataDirectory, 'POST /connect', request);
    if (answer === undefined) throw new Error('the server cannot be asked');
    this.token = answer.token;
  }

  get url(): string {
    if (this.#server === undefined) throw new Error('the server has not started');
    return this.#server.url;
  }

  /** The path of a Unix socket on which the server listens as well, with characters that need quoting. */
  get socket(): string {
    return join(this.#dataDirectory, `a "socket's" path`);
  }

  /** What a text for a client of this server is made of. */
  connection(url: string): Connection {
    return { ...DOCUMENTED, url, token: this.token };
  }

  /** For this server, what was written for the documented one. */
  here(text: string): string {
    return text
      .replaceAll(new URL(DOCUMENTED.url).host, new URL(this.url).host)
      .replaceAll('your-root-token', ROOT_TOKEN)
      .replaceAll(DOCUMENTED.token, this.token);
  }

  /** The code blocks of a language, for this server. */
  blocks(language: string): string[] {
    const blocks = blocksOf(pageText(`clients/${this.#name}`)).filter(block => block.language === language);
    return blocks.map(({ code }) => this.here(code));
  }

  async file(name: string, content: string): Promise<string> {
    const path = join(this.directory, name);
    await writeFile(path, content);
    return path;
  }

  /** Standard output of a module. */
  async node(name: string, code: string): Promise<string> {
    const file = await this.file(name, code);
    // A package of this workspace is taken from its source.
    return (await run(process.execPath, ['--conditions=freehold-source', file], { cwd: this.directory })).stdout;
  }

  /** Standard output of a script that must succeed. */
  async shell(script: string): Promise<string> {
    const env = {
      PATH: [this.directory, process.env['PATH']].join(delimiter),
      HOME: this.directory,
      WRANGLER_SEND_METRICS: 'false',
      WRANGLER_HIDE_BANNER: 'true',
      CI: '1',
    };
    return (await run('bash', ['-euo', 'pipefail', '-c', script], { cwd: this.directory, env })).stdout;
  }

  /** The result of a call of the REST API under the account's namespaces, made with the root token. */
  async request(method: string, path: string, body?: object): Promise<unknown> {
    const url = `${this.url}/client/v4/accounts/${ACCOUNT}/storage/kv/namespaces${path}`;
    const init = { method, headers: { authorization: `Bearer ${ROOT_TOKEN}` } };
    const response = await fetch(url, body === undefined ? init : { ...init, body: JSON.stringify(body) });
    return JSON.parse(await response.text()).result;
  }
}

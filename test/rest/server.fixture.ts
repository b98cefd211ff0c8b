/** For tests: a server in this process with a clock that is moved by hand, its log as objects, and a client for it. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect } from 'vitest';
import type { ServeConfig } from '../../server/src/config/serve.ts';
import { type RunningServer, startServer } from '../../server/src/server.ts';
import { Client } from './client.fixture.ts';
import { Namespace } from './namespace.fixture.ts';

export const TOKEN = 'a-root-token-for-tests-of-43-characters-abc';
const ACCOUNT = '0123456789abcdef0123456789abcdef';
export const ACCOUNT_PATH = `/client/v4/accounts/${ACCOUNT}`;
export const NAMESPACES_PATH = `${ACCOUNT_PATH}/storage/kv/namespaces`;

/** Where every clock begins: a second in 2027. */
export const START = 1_800_000_000;

export type LogLine = Readonly<Record<string, unknown>>;

export class TestServer {
  /** What the server takes for the current second. */
  now = START;
  readonly log: LogLine[] = [];
  #running: RunningServer | undefined;
  #directory = '';
  #logged = () => {};
  #client: Client | undefined;

  async start(config: Partial<ServeConfig>): Promise<void> {
    this.#directory = await mkdtemp(join(tmpdir(), 'freehold-rest-'));
    const defaults = {
      dataDirectory: this.#directory,
      listen: [{ host: '127.0.0.1', port: 0 }],
      threads: 1,
      logLevel: 'info',
      logFormat: 'json',
      givenToken: { source: 'the test', token: TOKEN },
    } as const;
    const log = pino({ level: 'debug' }, { write: line => this.#take(JSON.parse(line)) });
    this.#running = await startServer({ ...defaults, ...config }, { clock: () => this.now, log });
    this.#client = await Client.connect(this.url, TOKEN);
  }

  async stop(): Promise<void> {
    this.#client?.close();
    await this.#running?.close();
    if (this.#directory !== '') await rm(this.#directory, { recursive: true });
  }

  get url(): string {
    return this.#running?.url ?? expect.unreachable('the server does not run');
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  get client(): Client {
    return this.#client ?? expect.unreachable('the server does not run');
  }

  /** A new namespace in an account of its own, or in the given one. */
  async namespace(account = randomBytes(16).toString('hex')): Promise<Namespace> {
    const path = `/client/v4/accounts/${account}/storage/kv/namespaces`;
    const title = `namespace ${randomBytes(8).toString('hex')}`;
    const created = await this.client.sendJson('POST', path, { title });
    expect(created.status).toBe(200);
    return new Namespace(this.client, account, created.result<{ id: string }>().id);
  }

  /** Waits until the log is as it should be. */
  async until(holds: (log: readonly LogLine[]) => boolean): Promise<void> {
    while (!holds(this.log)) {
      await new Promise<void>(resolve => {
        this.#logged = resolve;
      });
    }
  }

  #take(line: LogLine): void {
    this.log.push(line);
    this.#logged();
  }

  /** Lines that tell of a defect, which no request may cause. */
  get defects(): LogLine[] {
    return this.log.filter(({ msg }) => msg === 'defect');
  }
}

/** One server for all tests of a file. None of them may have met a defect. */
export function serveForTests(config: Partial<ServeConfig> = {}): TestServer {
  const server = new TestServer();
  beforeAll(() => server.start(config));
  afterAll(async () => {
    await server.stop();
    expect(server.defects).toEqual([]);
  });
  return server;
}

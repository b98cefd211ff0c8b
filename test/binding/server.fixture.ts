/** For tests of what a server does when it is configured otherwise, or stopped and started again. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { ServeConfig } from '../../server/src/config/serve.ts';
import { type RunningServer, startServer } from '../../server/src/server.ts';
import { Freehold, TOKEN } from '../clients/freehold.fixture.ts';

/** One server for all tests of a file. It listens on a port and on a socket. `config` is asked at every start. */
export function useServer(config: () => Partial<ServeConfig> = () => ({})): ConfiguredFreehold {
  const freehold = new ConfiguredFreehold(config);
  beforeAll(() => freehold.start());
  afterAll(() => freehold.stop());
  return freehold;
}

export class ConfiguredFreehold extends Freehold {
  readonly #config: () => Partial<ServeConfig>;
  #running: RunningServer | undefined;
  #directory = '';

  constructor(config: () => Partial<ServeConfig>) {
    super();
    this.#config = config;
  }

  override async start(): Promise<void> {
    this.#directory = await mkdtemp(join(tmpdir(), 'freehold-'));
    await this.open();
  }

  override async stop(): Promise<void> {
    await this.close();
    await rm(this.#directory, { recursive: true });
  }

  /** Starts it on the data that are there. */
  async open(): Promise<void> {
    this.#running = await startServer({
      dataDirectory: join(this.#directory, 'data'),
      listen: [{ host: '127.0.0.1', port: 0 }, { path: this.socket }],
      threads: 1,
      logLevel: 'silent',
      logFormat: 'json',
      givenToken: { source: 'the test', token: TOKEN },
      ...this.#config(),
    });
  }

  /** Stops it and leaves the data. */
  async close(): Promise<void> {
    await this.#running?.close();
  }

  override get url(): string {
    if (this.#running === undefined) throw new Error('the server has not started');
    return this.#running.url;
  }

  /** The path of its socket. */
  get socket(): string {
    return join(this.#directory, 'freehold.sock');
  }
}

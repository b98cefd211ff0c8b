/** For tests: a server that runs as a process, and commands that speak to it. */
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Finished, freehold, type ServeProcess, serve, temporaryDirectory } from './process.fixture.ts';

export const ROOT_TOKEN = 'the-root-token-of-the-test';
export const ACCOUNT = '0123456789abcdef0123456789abcdef';
export const NAMESPACE = 'fedcba9876543210fedcba9876543210';

export class RemoteServer {
  readonly data: string;
  readonly process: ServeProcess;
  /** What commands find around them: no profiles but those that the test makes. */
  readonly environment: Readonly<Record<string, string>>;

  private constructor(data: string, process: ServeProcess, configuration: string) {
    this.data = data;
    this.process = process;
    this.environment = { XDG_CONFIG_HOME: configuration };
  }

  /** With a namespace titled `pairs`. */
  static async start(...flags: string[]): Promise<RemoteServer> {
    const directory = await temporaryDirectory();
    const data = join(directory, 'data');
    const server = await serve(['--data', data, ...flags], { FREEHOLD_TOKEN: ROOT_TOKEN });
    const remote = new RemoteServer(data, server, join(directory, 'configuration'));
    await remote.namespace(NAMESPACE, 'pairs');
    return remote;
  }

  get url(): string {
    return this.process.url;
  }

  async namespace(id: string, title: string, account = ACCOUNT): Promise<void> {
    const path = `/client/v4/accounts/${account}/storage/kv/namespaces`;
    expect(await this.fetch('POST', path, JSON.stringify({ id, title }))).toMatchObject({ status: 200 });
  }

  /** Writes values, each under its key. */
  async put(pairs: Readonly<Record<string, string>>, id = NAMESPACE): Promise<void> {
    const items = Object.entries(pairs).map(([key, value]) => ({ key, value }));
    const path = `/client/v4/accounts/${ACCOUNT}/storage/kv/namespaces/${id}/bulk`;
    expect(await this.fetch('PUT', path, JSON.stringify(items))).toMatchObject({ status: 200 });
  }

  async fetch(method: string, path: string, body?: string): Promise<{ status: number; text: string }> {
    const headers = { authorization: `Bearer ${ROOT_TOKEN}` };
    const answer = await fetch(`${this.url}${path}`, { method, headers, ...(body !== undefined && { body }) });
    return { status: answer.status, text: await answer.text() };
  }

  /** Runs a command that takes the server by its data directory, unless the words or the environment name another. */
  run(argv: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Finished> {
    return freehold(argv, { ...this.environment, FREEHOLD_DATA: this.data, ...environment });
  }
}

/** For tests of clients: a server of the test file's own, and plain HTTP calls to see behind a client's back. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { type RunningServer, startServer } from '../../server/src/server.ts';

export const TOKEN = 'token-that-the-tests-give';
export const ACCOUNT = '00000000000000000000000000000001';

export interface ListedKey {
  readonly name: string;
  readonly expiration?: number;
  readonly metadata?: unknown;
}

/** One server for all tests of a file. */
export function useFreehold(): Freehold {
  const freehold = new Freehold();
  beforeAll(() => freehold.start());
  afterAll(() => freehold.stop());
  return freehold;
}

export class Freehold {
  #server: RunningServer | undefined;
  #directory = '';

  async start(): Promise<void> {
    this.#directory = await mkdtemp(join(tmpdir(), 'freehold-clients-'));
    this.#server = await startServer({
      dataDirectory: this.#directory,
      listen: [{ host: '127.0.0.1', port: 0 }],
      threads: 1,
      logLevel: 'silent',
      logFormat: 'json',
      givenToken: { source: 'the test', token: TOKEN },
    });
  }

  async stop(): Promise<void> {
    await this.#server?.close();
    await rm(this.#directory, { recursive: true });
  }

  get url(): string {
    if (this.#server === undefined) throw new Error('the server has not started');
    return this.#server.url;
  }

  async createNamespace(title: string): Promise<string> {
    const { id } = await this.#json<{ id: string }>('', { method: 'POST', body: JSON.stringify({ title }) });
    return id;
  }

  /** Undefined for a missing key. */
  async value(namespace: string, key: string): Promise<Buffer | undefined> {
    const response = await this.#fetch(`/${namespace}/values/${encodeURIComponent(key)}`);
    const bytes = Buffer.from(await response.arrayBuffer());
    return response.status === 404 ? undefined : bytes;
  }

  async put(namespace: string, key: string, value: string | Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#json(`/${namespace}/values/${encodeURIComponent(key)}`, { method: 'PUT', body: value });
  }

  /** The first page, which is all of it for up to a thousand keys. */
  keys(namespace: string): Promise<ListedKey[]> {
    return this.#json(`/${namespace}/keys`);
  }

  async bulkGet(namespace: string, keys: readonly string[]): Promise<Record<string, string | null>> {
    const request = { method: 'POST', body: JSON.stringify({ keys }) };
    return (await this.#json<{ values: Record<string, string | null> }>(`/${namespace}/bulk/get`, request)).values;
  }

  async #json<Result>(path: string, request: RequestInit = {}): Promise<Result> {
    const response = await this.#fetch(path, request);
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status}: ${text}`);
    return JSON.parse(text).result;
  }

  #fetch(path: string, request: RequestInit = {}): Promise<Response> {
    const namespaces = `${this.url}/client/v4/accounts/${ACCOUNT}/storage/kv/namespaces`;
    return fetch(namespaces + path, { ...request, headers: { authorization: `Bearer ${TOKEN}` } });
  }
}

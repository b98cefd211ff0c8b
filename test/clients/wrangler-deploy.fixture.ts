/**
 * What `wrangler deploy` needs beside KV: stands in front of the server, passes on what is for KV, and answers what is
 * for Workers as if every worker were new and every upload went well.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll } from 'vitest';
import type { Freehold } from './freehold.fixture.ts';

export interface KvRequest {
  readonly method: string;
  /** From `/namespaces` on. */
  readonly path: string;
  readonly bytes: number;
}

/** One front for all tests of a file. */
export function useWorkersApi(freehold: Freehold): WorkersApi {
  const api = new WorkersApi(freehold);
  beforeAll(() => api.start());
  afterAll(() => api.stop());
  return api;
}

export class WorkersApi {
  /** What was asked of KV, in the order in which it arrived. */
  readonly asked: KvRequest[] = [];
  readonly #freehold: Freehold;
  readonly #server: Server;
  #gate: Gate | undefined;

  constructor(freehold: Freehold) {
    this.#freehold = freehold;
    // wrangler is busy with its files for longer than Node keeps an idle connection.
    this.#server = createServer({ keepAliveTimeout: 600_000 }, (asked, answer) => {
      this.#handle(asked, answer).catch(() => answer.destroy());
    });
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Lets bulk writes through only when so many of them have arrived. */
  holdBulks(count: number): void {
    this.#gate = new Gate(count);
  }

  async #handle(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { method = '', url = '' } = asked;
    const [, kv] = url.split('/storage/kv');
    if (kv === undefined) {
      asked.resume();
      answerForWorkers(answer, method, url);
      return;
    }
    this.asked.push({ method, path: kv, bytes: Number(asked.headers['content-length'] ?? 0) });
    if (method === 'PUT' && kv.endsWith('/bulk')) await this.#gate?.pass();
    await this.#passOn(asked, answer);
  }

  async #passOn(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { method, url, headers } = asked;
    const passed = request(new URL(url ?? '', this.#freehold.url), { method, headers, agent: false });
    const [, [answered]] = await Promise.all([pipeline(asked, passed), once(passed, 'response')]);
    answer.writeHead(answered.statusCode, answered.headers);
    await pipeline(answered, answer);
  }
}

class Gate {
  #missing: number;
  readonly #opened = Promise.withResolvers<void>();

  constructor(count: number) {
    this.#missing = count;
  }

  pass(): Promise<void> {
    if (--this.#missing <= 0) this.#opened.resolve();
    return this.#opened.promise;
  }
}

const NO_SUCH_WORKER = { code: 10090, message: 'workers.api.error.service_not_found' };

function answerForWorkers(answer: ServerResponse, method: string, url: string): void {
  const isNew = method === 'GET' && url.includes('/workers/services/');
  if (isNew) answerJson(answer, 404, null, [NO_SUCH_WORKER]);
  else answerJson(answer, 200, { enabled: false, subdomain: 'example', deployments: [], id: 'worker', tag: 'tag' });
}

function answerJson(answer: ServerResponse, status: number, result: unknown, errors: readonly object[] = []): void {
  answer.writeHead(status, { 'content-type': 'application/json' });
  answer.end(JSON.stringify({ success: errors.length === 0, errors, messages: [], result }));
}

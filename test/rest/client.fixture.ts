/** For tests: an HTTP client that sends targets and bodies as they are, and holds answers to the description. */
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { expect } from 'vitest';
import { Description, type OpenApi } from './description.fixture.ts';

export type Headers = Readonly<Record<string, string | string[]>>;
export type Body = string | Uint8Array;

interface ErrorItem {
  readonly code: number;
  readonly message: string;
}

interface Envelope {
  readonly result: unknown;
  readonly errors: readonly ErrorItem[];
  readonly messages: readonly ErrorItem[];
  readonly result_info?: Readonly<Record<string, unknown>>;
}

export class Answer {
  readonly status: number;
  /** The reason phrase. */
  readonly reason: string;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;

  constructor({ statusCode = 0, statusMessage = '', headers }: IncomingMessage, bytes: Buffer) {
    this.status = statusCode;
    this.reason = statusMessage;
    this.headers = headers;
    this.bytes = bytes;
  }

  get text(): string {
    return this.bytes.toString();
  }

  get json(): Envelope {
    return JSON.parse(this.text);
  }

  result<Result>(): Result {
    return this.json.result as Result;
  }

  /** Status and codes of a failure: what clients go by. */
  get failure(): string {
    return `${this.status} ${this.json.errors.map(({ code }) => code).join(' ')}`;
  }

  get message(): string | undefined {
    return this.json.errors[0]?.message;
  }
}

export class Client {
  readonly #url: string;
  readonly #token: string;
  readonly #description: Description;
  readonly #agent = new Agent({ keepAlive: true });

  private constructor(url: string, token: string, description: Description) {
    this.#url = url;
    this.#token = token;
    this.#description = description;
  }

  static async connect(url: string, token: string): Promise<Client> {
    const description = (await (await fetch(`${url}/openapi.json`)).json()) as OpenApi;
    return new Client(url, token, new Description(description));
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Sends a request with the root token, unless the headers name other credentials or none. */
  send(method: string, path: string, body?: Body, headers: Headers = {}): Promise<Answer> {
    return this.sendBare(method, path, body, { authorization: `Bearer ${this.#token}`, ...headers });
  }

  sendJson(method: string, path: string, body: unknown): Promise<Answer> {
    return this.send(method, path, JSON.stringify(body), { 'content-type': 'application/json' });
  }

  /** The path goes out as it is, a byte a character; a body with its length, unless it is to be chunked. */
  async sendBare(method: string, path: string, body?: Body, headers: Headers = {}): Promise<Answer> {
    const { hostname, port } = new URL(this.#url);
    const hasLength = body !== undefined && !('transfer-encoding' in headers);
    const length = hasLength ? { 'content-length': String(Buffer.byteLength(body)) } : undefined;
    const answer = await exchange({ hostname, port, method, path, agent: this.#agent }, body, {
      ...length,
      ...headers,
    });
    this.#check(method, describedPath(path, headers), answer);
    return answer;
  }

  #check(method: string, path: string, answer: Answer): void {
    if (method === 'HEAD' || !String(answer.headers['content-type']).startsWith('application/json')) return;
    if (JSON.stringify(answer.headers['content-type']) !== '"application/json; charset=UTF-8"') {
      expect.unreachable(`${method} ${path} has the content type ${answer.headers['content-type']}`);
    }
    const wrong = this.#description.differences(method, path, answer.status, JSON.parse(answer.text));
    expect(wrong, `${method} ${path.slice(0, 200)} answers as described`).toEqual([]);
  }
}

/** Where the description has what a request of a KV binding asks for. */
function describedPath(path: string, headers: Headers): string {
  const namespace = headers['freehold-namespace'];
  return namespace === undefined ? path : `/binding/${namespace}${path.replace(/^https?:\/\/[^/]*/, '')}`;
}

interface Target {
  readonly hostname: string;
  readonly port: string;
  readonly method: string;
  readonly path: string;
  readonly agent: Agent;
}

function exchange(target: Target, body: Body | undefined, headers: Headers): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const outgoing = request({ ...target, headers });
  outgoing.on('error', reject);
  outgoing.on('response', response => {
    buffer(response).then(bytes => resolve(new Answer(response, bytes)), reject);
  });
  // As bytes: Node writes headers in the encoding of a string that follows them.
  outgoing.end(body && Buffer.from(body));
  return promise;
}

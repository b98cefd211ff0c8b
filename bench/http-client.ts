/** Requests over connections that are kept, timed from the first byte to the last one of the answer. */
import { Agent, request } from 'node:http';

export interface Answer {
  readonly status: number;
  /** Of the status line and the headers, about. */
  readonly headBytes: number;
  readonly body: Buffer;
  readonly ms: number;
}

export class HttpClient {
  readonly url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #agent: Agent;

  constructor(url: string, headers: Readonly<Record<string, string>> = {}) {
    this.url = url;
    this.#headers = headers;
    this.#agent = new Agent({ keepAlive: true });
  }

  send(method: string, path: string, body?: string | Uint8Array): Promise<Answer> {
    const headers = { ...this.#headers, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) };
    return new Promise((resolve, reject) => {
      const start = performance.now();
      const sent = request(this.url + path, { method, headers, agent: this.#agent }, response => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          const ms = performance.now() - start;
          const headBytes = response.rawHeaders.reduce((bytes, part) => bytes + part.length + ': '.length, 0);
          resolve({ status: response.statusCode ?? 0, headBytes, body: Buffer.concat(chunks), ms });
        });
      });
      sent.once('error', reject);
      sent.end(body);
    });
  }

  /** The same, where any status but 200 is an error. */
  async ok(method: string, path: string, body?: string | Uint8Array): Promise<Answer> {
    const answer = await this.send(method, path, body);
    if (answer.status === 200) return answer;
    throw new Error(`${method} ${path} was answered ${answer.status}: ${answer.body.subarray(0, 1_000)}`);
  }

  close(): void {
    this.#agent.destroy();
  }
}

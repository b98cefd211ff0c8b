/** For tests: a namespace as a KV binding reaches it, a method an operation. */
import type { Answer, Body, Client, Headers } from './client.fixture.ts';

export class BoundNamespace {
  readonly #client: Client;
  readonly #path: string;
  readonly #headers: Headers;

  constructor(client: Client, id: string, headers: Headers = {}) {
    this.#client = client;
    this.#path = `/binding/${id}`;
    this.#headers = headers;
  }

  get(key: string, query = ''): Promise<Answer> {
    return this.send('GET', `/${encodeURIComponent(key)}?urlencoded=true${query}`);
  }

  put(key: string, value: Body, query = '', headers: Headers = {}): Promise<Answer> {
    return this.send('PUT', `/${encodeURIComponent(key)}?urlencoded=true${query}`, value, headers);
  }

  delete(key: string): Promise<Answer> {
    return this.send('DELETE', `/${encodeURIComponent(key)}?urlencoded=true`);
  }

  list(query = ''): Promise<Answer> {
    return this.send('GET', `/${query}`);
  }

  bulk(operation: 'get' | 'put' | 'delete', body: unknown): Promise<Answer> {
    return this.send('POST', `/bulk/${operation}`, JSON.stringify(body));
  }

  /** `target` is what follows the namespace. */
  send(method: string, target: string, body?: Body, headers: Headers = {}): Promise<Answer> {
    return this.#client.send(method, this.#path + target, body, { ...this.#headers, ...headers });
  }
}

/** What the user of the binding is told of a refusal: status and reason phrase. */
export function refusal({ status, reason }: Answer): string {
  return `${status} ${reason}`;
}

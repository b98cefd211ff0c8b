/** For tests: what Freehold's own endpoints do with the pairs of a namespace. */
import type { Answer, Client } from './client.fixture.ts';
import type { Namespace } from './namespace.fixture.ts';

type Query = Readonly<Record<string, string | readonly string[]>>;

function search(query: Query): string {
  const pairs = new URLSearchParams();
  for (const [name, values] of Object.entries(query)) {
    for (const value of [values].flat()) pairs.append(name, value);
  }
  return pairs.toString();
}

export class OwnEndpoints {
  readonly path: string;
  readonly #client: Client;

  constructor(client: Client, { account, id }: Pick<Namespace, 'account' | 'id'>) {
    this.#client = client;
    this.path = `/freehold/v1/accounts/${account}/namespaces/${id}`;
  }

  export(query: Query = {}): Promise<Answer> {
    return this.#client.send('GET', `${this.path}/export?${search(query)}`);
  }

  /** The lines of an export, parsed. */
  async lines(query: Query = {}): Promise<unknown[]> {
    return linesOf((await this.export(query)).text);
  }

  count(query: Query = {}): Promise<Answer> {
    return this.#client.send('GET', `${this.path}/count?${search(query)}`);
  }

  import(pairs: unknown, query: Query = {}): Promise<Answer> {
    return this.#client.sendJson('PUT', `${this.path}/import?${search(query)}`, pairs);
  }

  clear(request: object): Promise<Answer> {
    return this.#client.sendJson('POST', `${this.path}/clear`, request);
  }

  /** Into another namespace of the account, unless it says otherwise. */
  copy(request: object): Promise<Answer> {
    return this.#client.sendJson('POST', `${this.path}/copy`, request);
  }

  replaceValue(key: string, value: string | Uint8Array, query: Query = { keep: 'true' }): Promise<Answer> {
    const path = `${this.path}/values/${encodeURIComponent(key)}?${search(query)}`;
    return this.#client.send('PUT', path, value);
  }
}

export function linesOf(text: string): unknown[] {
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line));
}

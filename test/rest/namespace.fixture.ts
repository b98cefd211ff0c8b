/** For tests: what can be done with one namespace, a method an operation. */
import type { Answer, Body, Client, Headers } from './client.fixture.ts';

export interface ListedKey {
  readonly name: string;
  readonly expiration?: number;
  readonly metadata?: unknown;
}

export class Namespace {
  readonly account: string;
  readonly id: string;
  readonly path: string;
  readonly #client: Client;

  constructor(client: Client, account: string, id: string) {
    this.#client = client;
    this.account = account;
    this.id = id;
    this.path = `/client/v4/accounts/${account}/storage/kv/namespaces/${id}`;
  }

  get(key: string): Promise<Answer> {
    return this.getRaw(encodeURIComponent(key));
  }

  /** The key as it stands in the path. */
  getRaw(rawKey: string): Promise<Answer> {
    return this.#client.send('GET', `${this.path}/values/${rawKey}`);
  }

  put(key: string, body: Body, query = '', headers?: Headers): Promise<Answer> {
    return this.putRaw(encodeURIComponent(key), body, query, headers);
  }

  putRaw(rawKey: string, body: Body, query = '', headers?: Headers): Promise<Answer> {
    return this.#client.send('PUT', `${this.path}/values/${rawKey}${query}`, body, headers);
  }

  /** A multipart write, as an SDK makes it. */
  async putForm(key: string, form: FormData, query = ''): Promise<Answer> {
    const encoded = new Response(form);
    const type = encoded.headers.get('content-type') ?? '';
    return this.put(key, await encoded.bytes(), query, { 'content-type': type });
  }

  delete(key: string): Promise<Answer> {
    return this.#client.send('DELETE', `${this.path}/values/${encodeURIComponent(key)}`);
  }

  metadata(key: string): Promise<Answer> {
    return this.#client.send('GET', `${this.path}/metadata/${encodeURIComponent(key)}`);
  }

  list(query: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const search = new URLSearchParams(query).toString();
    return this.#client.send('GET', `${this.path}/keys${search && `?${search}`}`);
  }

  async keys(query: Readonly<Record<string, string>> = {}): Promise<string[]> {
    return (await this.list(query)).result<ListedKey[]>().map(({ name }) => name);
  }

  bulkPut(pairs: unknown): Promise<Answer> {
    return this.#client.sendJson('PUT', `${this.path}/bulk`, pairs);
  }

  bulkPutText(body: Body): Promise<Answer> {
    return this.#client.send('PUT', `${this.path}/bulk`, body);
  }

  bulkGet(body: unknown): Promise<Answer> {
    return this.#client.sendJson('POST', `${this.path}/bulk/get`, body);
  }

  bulkDelete(keys: unknown): Promise<Answer> {
    return this.#client.sendJson('POST', `${this.path}/bulk/delete`, keys);
  }

  remove(): Promise<Answer> {
    return this.#client.send('DELETE', this.path);
  }
}

export function form(parts: Readonly<Record<string, string | Blob>>): FormData {
  const data = new FormData();
  for (const [name, part] of Object.entries(parts)) data.append(name, part);
  return data;
}

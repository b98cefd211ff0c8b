/** One namespace of a running server, over plain HTTP. Everything but a 200 is an error. */
const ACCOUNT = '00000000000000000000000000000001';

export interface Pair {
  readonly value: string;
  readonly metadata: unknown;
}

/** What a namespace holds, or a part of it. */
export type Pairs = Map<string, Pair>;

interface ListReply {
  readonly result: readonly { readonly name: string; readonly metadata?: unknown }[];
  readonly result_info: { readonly cursor: string };
}

export class Namespace {
  readonly #url: string;
  readonly #token: string;

  private constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  static at(serverUrl: string, token: string, id: string): Namespace {
    return new Namespace(`${serverUrl}/client/v4/accounts/${ACCOUNT}/storage/kv/namespaces/${id}`, token);
  }

  /** Makes it under the id. */
  static async create(serverUrl: string, token: string, id: string): Promise<void> {
    const namespaces = new Namespace(`${serverUrl}/client/v4/accounts/${ACCOUNT}/storage/kv/namespaces`, token);
    await namespaces.#call('POST', '', JSON.stringify({ title: id, id }));
  }

  async put(key: string, { value, metadata }: Pair): Promise<void> {
    const form = new FormData();
    form.set('value', value);
    form.set('metadata', JSON.stringify(metadata));
    await this.#call('PUT', `/values/${encodeURIComponent(key)}`, form);
  }

  async delete(key: string): Promise<void> {
    await this.#call('DELETE', `/values/${encodeURIComponent(key)}`);
  }

  async bulkPut(pairs: Pairs): Promise<void> {
    const body = [...pairs].map(([key, pair]) => ({ key, ...pair }));
    await this.#bulk('PUT', '/bulk', body);
  }

  async bulkDelete(keys: readonly string[]): Promise<void> {
    await this.#bulk('POST', '/bulk/delete', keys);
  }

  /** Asks for each of the keys, a hundred a call; missing ones are left out. */
  async read(keys: readonly string[]): Promise<Pairs> {
    const found: Pairs = new Map();
    for (let start = 0; start < keys.length; start += 100) {
      const request = JSON.stringify({ keys: keys.slice(start, start + 100), withMetadata: true });
      const { result } = JSON.parse(await this.#call('POST', '/bulk/get', request));
      for (const [key, pair] of Object.entries<Pair | null>(result.values)) if (pair !== null) found.set(key, pair);
    }
    return found;
  }

  /** Every key, page after page, with its metadata. */
  async list(): Promise<Map<string, unknown>> {
    const listed = new Map<string, unknown>();
    for (let cursor = ''; ; ) {
      const page: ListReply = JSON.parse(await this.#call('GET', `/keys?cursor=${encodeURIComponent(cursor)}`));
      for (const { name, metadata } of page.result) listed.set(name, metadata);
      cursor = page.result_info.cursor;
      if (cursor === '') return listed;
    }
  }

  async #bulk(method: string, path: string, items: readonly unknown[]): Promise<void> {
    const { result } = JSON.parse(await this.#call(method, path, JSON.stringify(items)));
    if (result.successful_key_count !== items.length) throw new Refused(`not all succeeded: ${JSON.stringify(result)}`);
  }

  async #call(method: string, path: string, body: string | FormData | null = null): Promise<string> {
    const headers = { authorization: `Bearer ${this.#token}` };
    const response = await fetch(this.#url + path, { method, headers, body });
    const text = await response.text();
    if (response.status !== 200) throw new Refused(`${method} ${path}: ${response.status} ${text}`);
    return text;
  }
}

/** The server has answered, and not with success. Any other error means that nobody knows what became of the call. */
export class Refused extends Error {
  override name = 'Refused';
}

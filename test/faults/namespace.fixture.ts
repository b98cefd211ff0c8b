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

/** A server, and the token that it was given. */
export interface Address {
  readonly url: string;
  readonly token: string;
}

export class Namespace {
  readonly #namespaces: string;
  readonly #id: string;
  readonly #token: string;

  constructor({ url, token }: Address, id: string) {
    this.#namespaces = `${url}/client/v4/accounts/${ACCOUNT}/storage/kv/namespaces`;
    this.#id = id;
    this.#token = token;
  }

  /** Makes it under its id. */
  async create(title: string): Promise<void> {
    await this.#callUrl('POST', this.#namespaces, JSON.stringify({ title, id: this.#id }));
  }

  async rename(title: string): Promise<void> {
    await this.#call('PUT', '', JSON.stringify({ title }));
  }

  async remove(): Promise<void> {
    await this.#call('DELETE', '');
  }

  /** Undefined where there is no such namespace. */
  async title(): Promise<string | undefined> {
    try {
      return JSON.parse(await this.#call('GET', '')).result.title;
    } catch (error) {
      if (error instanceof Refused && error.status === 404) return undefined;
      throw error;
    }
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

  /** Undefined where there is no such key. */
  async get(key: string): Promise<string | undefined> {
    try {
      return await this.#call('GET', `/values/${encodeURIComponent(key)}`);
    } catch (error) {
      if (error instanceof Refused && error.status === 404) return undefined;
      throw error;
    }
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
    if (result.successful_key_count !== items.length) throw new Refused(200, JSON.stringify(result));
  }

  #call(method: string, path: string, body: string | FormData | null = null): Promise<string> {
    return this.#callUrl(method, `${this.#namespaces}/${this.#id}${path}`, body);
  }

  async #callUrl(method: string, url: string, body: string | FormData | null): Promise<string> {
    const headers = { authorization: `Bearer ${this.#token}` };
    const response = await fetch(url, { method, headers, body });
    const text = await response.text();
    if (response.status !== 200) throw new Refused(response.status, text);
    return text;
  }
}

/** The server has answered, and not with success. Any other error means that nobody knows what became of the call. */
export class Refused extends Error {
  override name = 'Refused';
  readonly status: number;
  /** The body of the answer. */
  readonly text: string;

  constructor(status: number, text: string) {
    super(`${status} ${text}`);
    this.status = status;
    this.text = text;
  }

  /** Of the first error in the envelope, where there is one. */
  get code(): number | undefined {
    return JSON.parse(this.text).errors?.[0]?.code;
  }
}

/** `200`, or status and code of the refusal: `507/10507`. */
export function outcomeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => '200',
    error => {
      if (error instanceof Refused) return `${error.status}/${error.code}`;
      throw error;
    },
  );
}

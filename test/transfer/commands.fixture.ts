/** For tests of commands that move pairs: a server, its namespaces as plain pairs, and commands that speak to it. */
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { type Finished, freehold as run } from '../../server/src/cli/process.fixture.ts';
import { ACCOUNT, type Freehold, TOKEN } from '../clients/freehold.fixture.ts';

export { ACCOUNT, TOKEN };

const MAIN = fileURLToPath(new URL('../../server/src/cli/main.ts', import.meta.url));

export interface PlainPair {
  readonly key: string;
  readonly value: Buffer;
  readonly metadata?: unknown;
  readonly expiration?: number;
}

export class Commands {
  readonly #freehold: Freehold;

  constructor(freehold: Freehold) {
    this.#freehold = freehold;
  }

  environment(): Record<string, string> {
    return { FREEHOLD_TOKEN: TOKEN, FREEHOLD_SERVER: this.#freehold.url, XDG_CONFIG_HOME: '/missing' };
  }

  /** The file that is the command line. */
  readonly main = MAIN;

  runWithoutServer(...argv: string[]): Promise<Finished> {
    return run(argv, { XDG_CONFIG_HOME: '/missing' });
  }

  run(...argv: string[]): Promise<Finished> {
    return run(argv, this.environment());
  }

  /** A namespace with these pairs; answers its id. */
  async namespace(pairs: readonly PlainPair[] = []): Promise<string> {
    const id = await this.#freehold.createNamespace(randomBytes(8).toString('hex'));
    await putPairs(this.#freehold.url, id, pairs);
    return id;
  }

  async remove(id: string): Promise<void> {
    const response = await fetch(namespaceUrl(this.#freehold.url, id), { method: 'DELETE', headers });
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  }

  async count(id: string): Promise<number> {
    const url = `${this.#freehold.url}/freehold/v1/accounts/${ACCOUNT}/namespaces/${id}/count`;
    return JSON.parse(await (await fetch(url, { headers })).text()).result.count;
  }

  put(id: string, pairs: readonly PlainPair[]): Promise<void> {
    return putPairs(this.#freehold.url, id, pairs);
  }

  /** Items of a bulk write, also such as a bulk write would refuse for their expiration. */
  async import(id: string, items: readonly object[]): Promise<void> {
    const url = `${this.#freehold.url}/freehold/v1/accounts/${ACCOUNT}/namespaces/${id}/import`;
    const response = await fetch(url, { method: 'PUT', headers, body: JSON.stringify(items) });
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  }

  /** The same as `pairs` in one call, for many. */
  async exported(id: string): Promise<PlainPair[]> {
    const url = `${this.#freehold.url}/freehold/v1/accounts/${ACCOUNT}/namespaces/${id}/export`;
    const lines = (await (await fetch(url, { headers })).text()).split('\n').slice(0, -1);
    return lines.map(line => {
      const { base64, value, ...pair } = JSON.parse(line);
      return { ...pair, value: Buffer.from(value, base64 ? 'base64' : 'utf8') };
    });
  }

  pairs(id: string): Promise<PlainPair[]> {
    return getPairs(this.#freehold.url, id);
  }
}

function namespaceUrl(url: string, id: string): string {
  return `${url}/client/v4/accounts/${ACCOUNT}/storage/kv/namespaces/${id}`;
}

const headers = { authorization: `Bearer ${TOKEN}` };

async function putPairs(url: string, id: string, pairs: readonly PlainPair[]): Promise<void> {
  const items = pairs.map(({ value, ...pair }) => ({ ...pair, value: value.toString('base64'), base64: true }));
  for (let first = 0; first < items.length; first += 10_000) {
    const body = JSON.stringify(items.slice(first, first + 10_000));
    const response = await fetch(`${namespaceUrl(url, id)}/bulk`, { method: 'PUT', headers, body });
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  }
}

/** By the listing and a read of each value, in the order of the listing. */
async function getPairs(url: string, id: string): Promise<PlainPair[]> {
  const pairs: PlainPair[] = [];
  for (let cursor = ''; ; ) {
    const response = await fetch(`${namespaceUrl(url, id)}/keys?cursor=${encodeURIComponent(cursor)}`, { headers });
    const { result, result_info } = JSON.parse(await response.text());
    for (const { name, ...described } of result) {
      const value = await fetch(`${namespaceUrl(url, id)}/values/${encodeURIComponent(name)}`, { headers });
      pairs.push({ key: name, value: Buffer.from(await value.arrayBuffer()), ...described });
    }
    if (result_info.cursor === '') return pairs;
    cursor = result_info.cursor;
  }
}

export function inOrder(pairs: readonly PlainPair[]): PlainPair[] {
  return pairs.toSorted((one, other) => Buffer.compare(Buffer.from(one.key), Buffer.from(other.key)));
}

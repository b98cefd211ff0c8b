/** A namespace of the server under test, by its REST API. What an answer says is checked. */
import type { HttpClient } from './http-client.ts';
import { samplePairs, type Workload } from './workloads.ts';

const ACCOUNT = '00000000000000000000000000000001';

export class Namespace {
  readonly id: string;
  readonly #client: HttpClient;

  constructor(client: HttpClient, number: number) {
    this.#client = client;
    this.id = number.toString(16).padStart(32, '0');
  }

  /** Of what lies in the namespace; begins with a slash. */
  path(rest: string): string {
    return `/client/v4/accounts/${ACCOUNT}/storage/kv/namespaces/${this.id}${rest}`;
  }

  async make(): Promise<void> {
    const path = `/client/v4/accounts/${ACCOUNT}/storage/kv/namespaces`;
    const { status, body } = await this.#client.send('GET', `${path}/${this.id}`);
    if (status === 404) await this.#client.ok('POST', path, JSON.stringify({ id: this.id, title: this.id }));
    else if (status !== 200) throw new Error(`namespace ${this.id}: ${status} ${body}`);
  }

  /** Milliseconds of a bulk write, whose pairs are then looked at. */
  async putBulk(workload: Workload, round: number, body: Buffer): Promise<number> {
    const { body: answer, ms } = await this.#client.ok('PUT', this.path('/bulk'), body);
    checkCount(answer, workload.pairs);
    await this.checkSamples(workload, round);
    return ms;
  }

  /** Milliseconds of a bulk deletion, after which none of the pairs may be there. */
  async deleteBulk(workload: Workload, round: number, body: string): Promise<number> {
    const { body: answer, ms } = await this.#client.ok('POST', this.path('/bulk/delete'), body);
    checkCount(answer, workload.pairs);
    for (const { key } of samplePairs(workload, round)) {
      const { status } = await this.#client.send('GET', this.path(`/values/${key}`));
      if (status !== 404) throw new Error(`${key} was deleted, and reading it is answered ${status}`);
    }
    return ms;
  }

  async checkSamples(workload: Workload, round: number): Promise<void> {
    for (const { key, value } of samplePairs(workload, round)) await this.checkValue(key, value);
  }

  async checkValue(key: string, value: Uint8Array): Promise<void> {
    const { body } = await this.#client.ok('GET', this.path(`/values/${key}`));
    if (!body.equals(value)) throw new Error(`${key} has another value than was written: ${body.subarray(0, 100)}`);
  }
}

function checkCount(answer: Buffer, pairs: number): void {
  const { result }: { result: { successful_key_count: number } } = JSON.parse(answer.toString());
  if (result.successful_key_count === pairs) return;
  throw new Error(`a bulk of ${pairs} was answered ${answer.subarray(0, 1_000)}`);
}

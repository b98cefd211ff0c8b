/** A contender under many requests that all may be repeated. */
import type { HttpClient } from './http-client.ts';
import type { Unit } from './measurement.ts';
import type { Contender } from './rounds.ts';
import { TOKEN } from './token.ts';
import { type LoadResult, rawRequest, type Wrk } from './wrk.ts';

/** Of an answer that was looked at, in one that was only counted. */
const LEAST_SHARE = 0.9;

export interface HttpServer {
  readonly url: string;
  readonly client: HttpClient;
}

export interface RepeatableRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
}

export interface LoadOptions {
  readonly wrk: Wrk;
  readonly name: string;
  readonly server: HttpServer;
  readonly requests: readonly RepeatableRequest[];
  readonly connections: number;
  readonly seconds: number;
  /** Throws where this is not what the request with this number has to be answered. */
  readonly check: (answer: Buffer, index: number) => void;
  readonly unit: Extract<Unit, 'per second' | 'MB/s'>;
}

export function loadContender({
  wrk,
  name,
  server,
  requests,
  connections,
  seconds,
  check,
  unit,
}: LoadOptions): Contender {
  const cycle = requests.map(({ method, path, body }) => rawRequest(method, path, TOKEN, body));
  const load = { url: server.url, connections, seconds, requests: { cycle } };
  return {
    name,
    unit,
    run: async () => {
      const result = await wrk.run(load);
      const last = requests.length - 1;
      let shortest = Number.POSITIVE_INFINITY;
      for (const index of new Set([0, last >>> 1, last])) {
        const { method, path, body } = requests[index] ?? { method: 'GET', path: '/' };
        const answer = await server.client.ok(method, path, body);
        check(answer.body, index);
        shortest = Math.min(shortest, answer.headBytes + answer.body.length);
      }
      // What wrk got was not looked at, but counted. Heads differ by a few bytes, such as those of a request's number.
      if (result.bytesPerRequest < shortest * LEAST_SHARE) throw new Error(`${name} answered too little under load`);
      return figure(result, unit);
    },
  };
}

function figure(result: LoadResult, unit: LoadOptions['unit']): number {
  return unit === 'per second' ? result.perSecond : result.megabytesPerSecond;
}

/** A check for values. */
export function sameBytes(expected: (index: number) => Buffer): LoadOptions['check'] {
  return (answer, index) => {
    if (!answer.equals(expected(index))) throw new Error(`request ${index} was answered ${answer.subarray(0, 100)}`);
  };
}

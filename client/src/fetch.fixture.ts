/** For tests: a `fetch` that answers as it was told, and remembers what it was asked. */
import { connect } from './connect.ts';
import type { FreeholdNamespace } from './namespace.ts';
import type { ConnectOptions } from './options.ts';

export const URL_OF_SERVER = 'http://server.invalid';
export const NAMESPACE = '0f2ac74b498b48028cb68387c421e279';

/** An error is that of a broken connection. Without an answer, there is none until the request is aborted. */
type Answer = () => Response | Error | undefined;

export interface Asked {
  readonly url: string;
  readonly init: RequestInit;
}

export class FakeServer {
  readonly asked: Asked[] = [];
  readonly #answers: Answer[];

  /** The last answer is also that to all further requests. */
  constructor(...answers: Answer[]) {
    this.#answers = answers;
  }

  connect(options: Partial<ConnectOptions> = {}): FreeholdNamespace {
    const fetch = (url: string, init: RequestInit) => this.#fetch(url, init);
    return connect({ url: URL_OF_SERVER, namespace: NAMESPACE, token: 'token', fetch, ...options });
  }

  /** The only request that there was. */
  get onlyAsked(): Asked {
    const [asked] = this.asked;
    if (asked === undefined || this.asked.length > 1) throw new Error(`there were ${this.asked.length} requests`);
    return asked;
  }

  #fetch(url: string, init: RequestInit): Promise<Response> {
    this.asked.push({ url, init });
    const answer = (this.#answers.length > 1 ? this.#answers.shift() : this.#answers[0])?.();
    if (answer instanceof Response) return Promise.resolve(answer);
    if (answer instanceof Error) return Promise.reject(answer);
    return new Promise((_, reject) => {
      init.signal?.addEventListener('abort', () => reject(init.signal?.reason));
    });
  }
}

export function refusing(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return () => new Response('not now', { status, headers: { 'content-type': 'text/plain', ...headers } });
}

export const broken: Answer = () => new TypeError('fetch failed', { cause: new Error('other side closed') });
export const silent: Answer = () => undefined;
export const found: Answer = () => new Response('value');

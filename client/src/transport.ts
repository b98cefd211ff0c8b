/** Requests to one namespace: where they go, what they carry, how long they may take, and how often they are tried. */
import { failure, isPlainText, KvError, type Operation, refusal } from './errors.ts';
import { type Repeatable, retryDelayMs, sleep } from './retry.ts';
import { Upload } from './upload.ts';

/** The part of `fetch` that is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface TransportSettings {
  /** Of the namespace, without a slash at its end. */
  readonly url: string;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: Fetch;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly signal: AbortSignal | undefined;
}

export interface Call {
  readonly operation: Operation;
  readonly method: string;
  /** Behind the namespace and a slash, with the query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer> | Upload;
  readonly repeatable: Repeatable;
  readonly signal: AbortSignal | undefined;
  /** Whether it is an answer that there is no such thing. */
  readonly mayMiss?: boolean;
}

export class Transport {
  readonly #settings: TransportSettings;

  constructor(settings: TransportSettings) {
    this.#settings = settings;
  }

  /** Answers what `read` made of the response. Rejects with a KvError, or with the reason of an aborted signal. */
  async send<Result>(call: Call, read: (response: Response) => Promise<Result>): Promise<Result> {
    const { signal, retries } = this.#settings;
    const ending = AbortSignal.any([signal, call.signal].filter(given => given !== undefined));
    for (let attempt = 1; ; attempt++) {
      ending.throwIfAborted();
      try {
        return await this.#attempt(call, read, ending);
      } catch (error) {
        const delayMs = attempt > retries ? undefined : retryDelayMs(error, call.repeatable, attempt);
        if (delayMs === undefined) throw error;
        await sleep(delayMs, ending);
      }
    }
  }

  /** The deadline holds until `read` is through, which for a stream is as soon as there is one. */
  async #attempt<Result>(
    call: Call,
    read: (response: Response) => Promise<Result>,
    ending: AbortSignal,
  ): Promise<Result> {
    const { timeoutMs } = this.#settings;
    const { operation, mayMiss = false } = call;
    const deadline = new AbortController();
    const late = () => deadline.abort(new DOMException(`no answer within ${timeoutMs} ms`, 'TimeoutError'));
    const timer = setTimeout(late, timeoutMs);
    try {
      const response = await this.#fetch(call, AbortSignal.any([deadline.signal, ending]));
      if (response.ok || (mayMiss && isMissing(response))) return await read(response);
      throw await refusal(operation, response);
    } catch (error) {
      ending.throwIfAborted();
      throw error instanceof KvError ? error : failure(operation, error);
    } finally {
      clearTimeout(timer);
    }
  }

  async #fetch({ method, path, body, headers }: Call, signal: AbortSignal): Promise<Response> {
    const { url, headers: common, fetch } = this.#settings;
    return fetch(`${url}/${path}`, {
      method,
      headers: { ...common, ...headers },
      body: (body instanceof Upload ? await body.body() : body) ?? null,
      // workerd follows no redirect either: what answers elsewhere is not the namespace, and must not get the token.
      redirect: 'manual',
      cache: 'no-store',
      signal,
      ...(body instanceof Upload && { duplex: 'half' }),
    });
  }
}

/** Whether the server itself says that there is no such key: what else answers at a wrong URL says it in HTML or JSON. */
export function isMissing({ status, headers }: Response): boolean {
  return (status === 404 || status === 410) && isPlainText(headers);
}

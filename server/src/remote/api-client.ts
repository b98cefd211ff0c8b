/** A client of servers that speak Cloudflare's REST API, Freehold and Cloudflare alike. */
import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type Dispatcher, Pool } from 'undici';
import { OperatorError } from '../operator-error.ts';
import { type Envelope, type Members, parseEnvelope, refusalOf } from './api-answer.ts';
import { Pace, type PaceLimit } from './pace.ts';
import { RemoteError } from './remote-error.ts';
import { ATTEMPTS, delayMs } from './retry.ts';
import { systemTimer, type Timer } from './timer.ts';

export interface ApiClientOptions {
  /** Of http or https, or `unix:` and a path, as `parseServerUrl` gives it. */
  readonly url: string;
  /** Without it, no credentials are sent. */
  readonly token?: string | undefined;
  /** Certificates in PEM that take the place of those that the system trusts. */
  readonly ca?: string | undefined;
  /** How many calls may begin in what time; without it, any number. */
  readonly pace?: PaceLimit;
  /** How often a call is made in all before it is given up. */
  readonly attempts?: number;
  /** Ends calls that are under way, which then reject with its reason, and refuses others. */
  readonly signal?: AbortSignal | undefined;
  readonly timer?: Timer;
}

export interface ApiRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Below the URL; percent-encoded. */
  readonly path: string;
  /** Members that are undefined are left out; those of a list are repeated. */
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  /** Other than a stream, a body is sent again where the call is repeated. */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array> | undefined;
  readonly contentType?: string | undefined;
}

export interface ApiResult<Result> {
  readonly result: Result;
  /** The `result_info`; empty where there is none. */
  readonly info: Members;
}

interface ApiAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

export interface ApiStream extends ApiAnswer {
  /** To be read to its end or left early. Throws a `RemoteError` where it breaks off. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface ApiBytes extends ApiAnswer {
  readonly body: Buffer;
}

const CONNECT_MS = 10_000;
/** Between the last byte of the request and the first of the answer, and between two pieces of it. */
const SILENCE_MS = 120_000;

/**
 * All calls of the API can be made twice, so that a call is repeated when nothing came back, or an answer that says
 * that it may succeed later: with status 429, 500, 502, 503 or 504, and no sooner than a `Retry-After` says. A call
 * whose body is a stream is made once, as is any where no server was ever reached.
 */
export class ApiClient {
  readonly url: string;
  readonly #pool: Pool;
  /** The path of the URL. */
  readonly #base: string;
  readonly #authorization: { readonly authorization?: string };
  readonly #pace: Pace | undefined;
  readonly #attempts: number;
  readonly #signal: AbortSignal | undefined;
  readonly #timer: Timer;
  /** Whether it ever answered. */
  #reached = false;

  constructor({ url, token, ca, pace, attempts = ATTEMPTS, signal, timer = systemTimer }: ApiClientOptions) {
    const socketPath = url.startsWith('unix:') ? url.slice('unix:'.length) : undefined;
    const { origin, pathname } = new URL(socketPath === undefined ? url : 'http://localhost');
    this.url = url;
    this.#base = pathname.replace(/\/+$/, '');
    this.#authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    this.#pool = new Pool(origin, {
      connect: {
        timeout: CONNECT_MS,
        ...(ca !== undefined && { ca }),
        ...(socketPath !== undefined && { socketPath }),
      },
      headersTimeout: SILENCE_MS,
      bodyTimeout: SILENCE_MS,
    });
    this.#pace = pace && new Pace(pace, timer);
    this.#attempts = attempts;
    this.#signal = signal;
    this.#timer = timer;
  }

  /**
   * The result of the answer's envelope. `decode` answers undefined for one that is not what the API promises. Throws a
   * `RemoteError`.
   */
  json<Result>(request: ApiRequest, decode: (result: unknown) => Result | undefined): Promise<ApiResult<Result>> {
    return this.#call(request, async ({ statusCode: status, body }) => {
      const envelope: Envelope | undefined = parseEnvelope((await buffer(body)).toString());
      const result = envelope?.success === true ? decode(envelope.result) : undefined;
      if (envelope !== undefined && result !== undefined) return { result, info: envelope.info };
      const [{ message: reason, ...code } = { message: 'not an answer of the API' }] = envelope?.errors ?? [];
      throw new RemoteError({ ...this.#named(request), status, reason, ...code, temporary: false });
    });
  }

  /** The answer with all of its body. Throws a `RemoteError`. */
  bytes(request: ApiRequest): Promise<ApiBytes> {
    return this.#call(request, async ({ statusCode, headers, body }) => ({
      status: statusCode,
      headers,
      body: await buffer(body),
    }));
  }

  /** The answer as soon as its body begins, which is not asked for again. Throws a `RemoteError`. */
  send(request: ApiRequest): Promise<ApiStream> {
    return this.#call(request, async ({ statusCode, headers, body }) => ({
      status: statusCode,
      headers,
      body: this.#stream(request, body),
    }));
  }

  /** Closes the connections, those in use too. */
  close(): Promise<void> {
    return this.#pool.destroy();
  }

  async #call<Result>(
    request: ApiRequest,
    take: (answer: Dispatcher.ResponseData) => Promise<Result>,
  ): Promise<Result> {
    const attempts = isStream(request.body) ? 1 : this.#attempts;
    for (let attempt = 1; ; attempt++) {
      this.#signal?.throwIfAborted();
      await this.#pace?.turn(this.#signal);
      try {
        return await this.#attempt(request, take);
      } catch (error) {
        const delay = error instanceof RemoteError && attempt < attempts && delayMs(error, attempt, this.#timer);
        if (!delay) throw error;
        await this.#timer.sleep(delay, this.#signal);
      }
    }
  }

  async #attempt<Result>(
    request: ApiRequest,
    take: (answer: Dispatcher.ResponseData) => Promise<Result>,
  ): Promise<Result> {
    try {
      const answer = await this.#pool.request(this.#dispatched(request));
      this.#reached = true;
      if (answer.statusCode < 300) return await take(answer);
      const refused = { status: answer.statusCode, headers: answer.headers, now: this.#timer.now() };
      const text = (await buffer(answer.body)).toString();
      throw new RemoteError({ ...this.#named(request), ...refusalOf({ ...refused, text }) });
    } catch (error) {
      throw this.#failure(request, error);
    }
  }

  #dispatched({ method, path, query, body, contentType }: ApiRequest): Dispatcher.RequestOptions {
    return {
      method,
      path: `${this.#base}${path}${queryText(query)}`,
      headers: {
        ...this.#authorization,
        ...(contentType !== undefined && { 'content-type': contentType }),
      },
      ...(body !== undefined && { body: isStream(body) ? Readable.from(body, { objectMode: false }) : body }),
      ...(this.#signal && { signal: this.#signal }),
    };
  }

  async *#stream(request: ApiRequest, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      throw this.#failure(request, error);
    }
  }

  /** Of what went wrong between this machine and the server. */
  #failure(request: ApiRequest, error: unknown): unknown {
    // Without a code it is a defect, and an `OperatorError` comes of a body that could not be read here.
    if (!(error instanceof Error && 'code' in error) || error instanceof OperatorError) return error;
    if (this.#signal?.aborted) return error;
    return new RemoteError({
      ...this.#named(request),
      reason: networkReason(error),
      temporary: this.#reached,
      cause: error,
    });
  }

  #named({ method, path }: ApiRequest): { url: string; request: string } {
    return { url: this.url, request: `${method} ${path}` };
  }
}

function isStream(body: ApiRequest['body']): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && Symbol.asyncIterator in body;
}

function queryText(query: ApiRequest['query'] = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value = []]) =>
    (typeof value === 'object' ? value : [value]).map((each): [string, string] => [name, String(each)]),
  );
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`;
}

/** Of several addresses of one name that were all tried, the error of each is told. */
function networkReason(error: Error): string {
  const { errors } = error as Partial<AggregateError>;
  if (error.message === '' && errors !== undefined) return errors.map(each => (each as Error).message).join(', ');
  return error.message || error.name;
}

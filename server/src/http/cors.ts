/** Lets web pages of other origins use the server, by CORS: https://fetch.spec.whatwg.org/#http-cors-protocol */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { LIMITS } from '../kv/limits.ts';

const METHODS = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE'].join(', ');

/** Without credentials in the sense of CORS, which are cookies: the token is a header that the page sets itself. */
const REQUEST_HEADERS = [
  'Authorization',
  'Content-Type',
  'Content-Encoding',
  'CF-KV-Metadata',
  'Freehold-Namespace',
  'Freehold-Account',
  'X-Auth-Email',
  'X-Auth-Key',
  'X-Auth-User-Service-Key',
].join(', ');

const ANSWER_HEADERS = ['CF-KV-Metadata', 'CF-Expiration', 'Expiration', 'CF-Ray', 'Retry-After'].join(', ');

/** Names and values in turn. */
type Headers = readonly string[];

const PREFLIGHT: Headers = [
  'access-control-allow-methods',
  METHODS,
  'access-control-allow-headers',
  REQUEST_HEADERS,
  'access-control-max-age',
  String(LIMITS.corsMaxAgeSeconds),
];

export class Cors {
  readonly #origins: ReadonlySet<string>;
  readonly #any: boolean;

  /** Pages of these origins may use the server; `*` stands for any. */
  constructor(origins: readonly string[]) {
    this.#origins = new Set(origins);
    this.#any = this.#origins.has('*');
  }

  /** For any answer, a refusal too, which its page could not read otherwise. */
  headersFor({ headers }: IncomingMessage): Headers {
    const origin = this.#allowedOrigin(headers);
    // `Vary` is for caches, which must not give one origin the answer for another.
    const vary = this.#any ? [] : ['vary', 'Origin'];
    if (origin === undefined) return vary;
    return [...vary, 'access-control-allow-origin', origin, 'access-control-expose-headers', ANSWER_HEADERS];
  }

  /**
   * Further ones for the answer to a browser's question whether its page may ask, which comes without credentials; undefined where
   * that is not what the request is, or its origin is not among those that may.
   */
  preflightHeaders({ method, headers }: IncomingMessage): Headers | undefined {
    const isPreflight = method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
    if (!isPreflight || headers.origin === undefined || this.#allowedOrigin(headers) === undefined) return undefined;
    return PREFLIGHT;
  }

  #allowedOrigin({ origin }: IncomingHttpHeaders): string | undefined {
    if (this.#any) return '*';
    return origin !== undefined && this.#origins.has(origin) ? origin : undefined;
  }
}

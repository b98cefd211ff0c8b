/** Options of `connect`, and what becomes of them. */
import { hasMembers, toSignal } from './arguments.ts';
import type { Fetch, TransportSettings } from './transport.ts';

export interface ConnectOptions {
  /** Of the server: http or https, with a path where a proxy has it under one. */
  readonly url: string | URL;
  /** The namespace's id: 32 hexadecimal digits. */
  readonly namespace: string;
  readonly token: string;
  /** 32 hexadecimal digits. Only needed where several accounts have a namespace of this id. */
  readonly account?: string | undefined;
  /** In place of the global `fetch`. */
  readonly fetch?: Fetch | undefined;
  /**
   * For one attempt, until the value is there; a stream that is read only has to begin. 60,000 unless given: time enough
   * for the largest request, a bulk of 100 MB, at 14 Mbit/s.
   */
  readonly timeoutMs?: number | undefined;
  /** How often a request may be repeated: 4 times unless given; 0 is never. */
  readonly retries?: number | undefined;
  /** Ends every call, and a stream that is being read. */
  readonly signal?: AbortSignal | undefined;
}

const TIMEOUT_MS = 60_000;
/** What timers can hold. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1;
const RETRIES = 4;
const RETRIES_MAX = 100;

/** Throws a TypeError that names the option where one is missing or wrong. */
export function readSettings(options: ConnectOptions): TransportSettings {
  if (!hasMembers(options)) throw new TypeError('connect() needs options: "url", "namespace" and "token"');
  const { url, namespace, token, account, fetch, timeoutMs = TIMEOUT_MS, retries = RETRIES, signal } = options;
  return {
    url: `${readUrl(url)}/binding/${readId('namespace', namespace)}`,
    headers: {
      authorization: `Bearer ${readToken(token)}`,
      ...(account !== undefined && { 'freehold-account': readId('account', account) }),
    },
    fetch: readFetch(fetch),
    timeoutMs: readInteger('timeoutMs', timeoutMs, 1, TIMEOUT_MS_MAX),
    retries: readInteger('retries', retries, 0, RETRIES_MAX),
    signal: toSignal(signal),
  };
}

/** Without the slash at its end. */
function readUrl(given: string | URL): string {
  const text = String(given);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw wrong('url', 'an http or https URL', text);
  if (url.username || url.password) throw new TypeError('"url" must not hold credentials: the token is an option');
  if (url.search || url.hash) throw wrong('url', 'without a query and a fragment', text);
  return url.href.replace(/\/+$/, '');
}

function readId(name: string, given: string): string {
  if (!/^[0-9a-f]{32}$/i.test(given)) throw wrong(name, '32 hexadecimal digits', given);
  return given;
}

/** What a header can carry; the error does not show it. */
function readToken(given: string): string {
  if (typeof given !== 'string' || !/^[!-~]+$/.test(given)) {
    throw new TypeError('"token" must be a string of printable ASCII characters without spaces');
  }
  return given;
}

/** The global one is looked up for every request, as it may be replaced. */
function readFetch(given: Fetch | undefined): Fetch {
  if (given === undefined) return (url, init) => globalThis.fetch(url, init);
  if (typeof given !== 'function') throw wrong('fetch', 'a function', given);
  return given;
}

function readInteger(name: string, given: number, min: number, max: number): number {
  if (!Number.isInteger(given) || given < min || given > max) {
    throw wrong(name, `an integer from ${min} to ${max}`, given);
  }
  return given;
}

function wrong(name: string, expected: string, given: unknown): TypeError {
  return new TypeError(`"${name}" must be ${expected}, not ${JSON.stringify(given)}`);
}

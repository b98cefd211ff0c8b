import { OperatorError } from '../operator-error.ts';

export interface RemoteFailure {
  /** Where the server is. */
  readonly url: string;
  /** Method and path, as in `GET /client/v4/accounts`. */
  readonly request: string;
  /** What is wrong, in the server's own words where it has some. */
  readonly reason: string;
  /** Of the answer; absent where none came. */
  readonly status?: number;
  /** Cloudflare's number of the error, where the answer has one. */
  readonly code?: number;
  /** Whether the same call may succeed later. */
  readonly temporary: boolean;
  /** How long the server asks to wait before that. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** A server refused a call or could not be asked. Never has the token in it. */
export class RemoteError extends OperatorError {
  readonly status: number | undefined;
  readonly code: number | undefined;
  readonly request: string;
  readonly reason: string;
  readonly temporary: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(failure: RemoteFailure) {
    super(describe(failure), { cause: failure.cause });
    this.name = 'RemoteError';
    this.status = failure.status;
    this.code = failure.code;
    this.request = failure.request;
    this.reason = failure.reason;
    this.temporary = failure.temporary;
    this.retryAfterMs = failure.retryAfterMs;
  }
}

function describe({ url, request, reason, status, code }: RemoteFailure): string {
  const told = printable(reason);
  if (status === undefined) return `no answer from ${url} to ${request}: ${told}`;
  return `${url} answers ${request} with ${status}: ${told}${code === undefined ? '' : ` (code ${code})`}`;
}

/** A server's words may hold anything, and the terminal is not to obey them. */
function printable(text: string): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').trim();
  return clean.length > REASON_CHARACTERS_MAX ? `${clean.slice(0, REASON_CHARACTERS_MAX)}…` : clean;
}

const REASON_CHARACTERS_MAX = 1_000;

/** What a call rejects with where the server refused it, or did not answer. */

/** A call as the texts of errors name it: the names of workerd, and two for what only Freehold has. */
export type Operation = 'GET' | 'PUT' | 'DELETE' | 'GET_BULK' | 'PUT_BULK' | 'DELETE_BULK';

interface Details extends ErrorOptions {
  readonly status?: number | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** Says what a Worker's binding would say: `KV PUT failed: 413 Value length of …`. */
export class KvError extends Error {
  /** The HTTP status; undefined where there was no answer, and `cause` then says why. */
  readonly status: number | undefined;
  /** How long the server asked to wait before the call is repeated, if it did. */
  readonly retryAfterMs: number | undefined;

  constructor(operation: Operation, text: string, { status, retryAfterMs, ...options }: Details = {}) {
    super(`KV ${operation} failed: ${text}`, options);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** A bulk call that left keys out, as only a server on a cluster may: repeating it is safe. */
export class UnsuccessfulKeysError extends KvError {
  readonly unsuccessfulKeys: readonly string[];

  constructor(operation: Operation, unsuccessfulKeys: readonly string[]) {
    super(operation, `${unsuccessfulKeys.length} keys were left out; repeat the call for them`, { status: 200 });
    this.unsuccessfulKeys = unsuccessfulKeys;
  }
}

/** The error for an answer that tells of no success, in the words of its body, where it has any. */
export async function refusal(operation: Operation, response: Response): Promise<KvError> {
  const { status, statusText, headers } = response;
  const body = await response.text().catch(() => '');
  // Browsers hide the status of a redirect.
  const text = `${status || 'redirected'} ${(isPlainText(headers) && body) || statusText}`.trimEnd();
  return new KvError(operation, text, { status, retryAfterMs: readRetryAfter(headers.get('retry-after')) });
}

/** What the server says to a binding is plain text. */
export function isPlainText(headers: Headers): boolean {
  return headers.get('content-type')?.startsWith('text/plain') ?? false;
}

/** A number of seconds, or an HTTP date. */
function readRetryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** The error for no answer: a broken connection, or none in time. `fetch` hides the reason in the error's cause. */
export function failure(operation: Operation, error: unknown): KvError {
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const text = reason instanceof Error ? reason.message : String(reason);
  return new KvError(operation, text || 'no connection', { cause: error });
}

/** Whether a request that failed is repeated, and when. */
import { KvError } from './errors.ts';

/** Reads change nothing; a write is repeated only where the server says so; a stream can be read only once. */
export type Repeatable = 'read' | 'write' | 'never';

/** Freehold says 429 and 503 where repeating is safe. The others are said by what stands in between. */
const STATUSES: Readonly<Record<Repeatable, readonly number[]>> = {
  read: [408, 429, 502, 503, 504],
  write: [429, 503],
  never: [],
};

/** The first wait; it doubles every time. Four repetitions take about three seconds, which outlasts a restart. */
const BACKOFF_MS = 250;
const BACKOFF_MS_MAX = 8_000;
/** Whoever is told to wait longer is told so, instead of waiting. */
const RETRY_AFTER_MS_MAX = 30_000;

/** How long to wait before attempt number `attempt` (from 1) is repeated; undefined where it is not. */
export function retryDelayMs(error: unknown, repeatable: Repeatable, attempt: number): number | undefined {
  if (!(error instanceof KvError)) return undefined;
  const { status, retryAfterMs = 0 } = error;
  const repeats = status === undefined ? repeatable === 'read' : STATUSES[repeatable].includes(status);
  if (!repeats || retryAfterMs > RETRY_AFTER_MS_MAX) return undefined;
  return Math.max(retryAfterMs, jittered(Math.min(BACKOFF_MS * 2 ** (attempt - 1), BACKOFF_MS_MAX)));
}

/** Between half of it and all, so that clients that failed together do not come back together. */
function jittered(ms: number): number {
  return ms * (0.5 + Math.random() / 2);
}

/** Rejects with the signal's reason as soon as it is aborted. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}

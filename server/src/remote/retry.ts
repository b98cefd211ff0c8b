/** When a call that has failed is made again. */
import type { RemoteError } from './remote-error.ts';
import type { Timer } from './timer.ts';

/** So often a call is made in all, unless its client says otherwise. */
export const ATTEMPTS = 6;

const BACKOFF_MS = 250;
const BACKOFF_MS_MAX = 10_000;
/** What a server may ask to wait: Cloudflare's limit holds for 5 minutes. Who asks for more is not asked again. */
const RETRY_AFTER_MS_MAX = 330_000;

/** How long to wait after the attempt of this number, from 1; undefined where another would be in vain. */
export function delayMs(error: RemoteError, attempt: number, timer: Timer): number | undefined {
  if (!error.temporary) return undefined;
  const wanted = error.retryAfterMs ?? 0;
  if (wanted > RETRY_AFTER_MS_MAX) return undefined;
  // Never at once and never all together: clients that failed at the same moment are not to return at the same one.
  const most = Math.min(BACKOFF_MS * 2 ** (attempt - 1), BACKOFF_MS_MAX);
  return Math.max(wanted, (most * (1 + timer.random())) / 2);
}

/** Of a `Retry-After`, which has seconds or a date; undefined where it has neither. */
export function retryAfterMs(header: unknown, now: number): number | undefined {
  if (typeof header !== 'string') return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

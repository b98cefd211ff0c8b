/** For how long a read may be answered from a cache. Freehold has none, and only refuses what Cloudflare refuses. */
import { kvError } from '../../kv/errors.ts';
import { LIMITS } from '../../kv/limits.ts';
import type { QueryParameter } from '../query.ts';

const limit = LIMITS.cacheTtlSecondsMin;

export const cacheTtlParameter: QueryParameter<void> = {
  description: 'In seconds; without effect.',
  schema: { type: 'integer', minimum: limit },
  decode: text => checkCacheTtl(text ?? undefined),
};

/** `ttl` is a number, or the digits of one as workerd sends them in a bulk get. Throws where it is too small. */
export function checkCacheTtl(ttl: unknown): void {
  if (ttl === undefined || ttl === null) return;
  const shown = typeof ttl === 'string' || typeof ttl === 'number' ? ttl : typeof ttl;
  if (!(Number(shown) >= limit) || shown === '') throw kvError('cacheTtlInvalid', { ttl: shown, limit });
}

/** A token as lists show it: all but its hash, under the names that Cloudflare's own API has for tokens. */
import type { StoredToken } from './engine.ts';
import { isoTime } from './times.ts';
import { hasExpired } from './token-grant.ts';

export interface ListedToken {
  readonly id: string;
  readonly name: string;
  readonly status: 'active' | 'expired';
  /** Absent where it is good for every account. */
  readonly account_id?: string;
  /** Absent where it is good for the whole account. */
  readonly namespace_ids?: readonly string[];
  readonly read_only: boolean;
  /** As all times, by UTC in ISO 8601. */
  readonly issued_on: string;
  /** Absent where it does not expire. */
  readonly expires_on?: string;
  /** The beginning of the hour in which it was; absent where it was not yet. */
  readonly last_used_on?: string;
  readonly requests_per_second?: number;
  readonly bytes_per_day?: number;
}

export function listedToken(token: StoredToken, now: number): ListedToken {
  const { id, name, account, namespaces, readOnly = false, createdAt } = token;
  const { expiresAt, lastUsedAt, requestsPerSecond, bytesPerDay } = token;
  return {
    id,
    name,
    status: hasExpired(token, now) ? 'expired' : 'active',
    ...(account !== undefined && { account_id: account }),
    ...(namespaces !== undefined && { namespace_ids: namespaces }),
    read_only: readOnly,
    issued_on: isoTime(createdAt),
    ...(expiresAt !== undefined && { expires_on: isoTime(expiresAt) }),
    ...(lastUsedAt !== undefined && { last_used_on: isoTime(lastUsedAt) }),
    ...(requestsPerSecond !== undefined && { requests_per_second: requestsPerSecond }),
    ...(bytesPerDay !== undefined && { bytes_per_day: bytesPerDay }),
  };
}

import type { Scope } from './permissions.ts';

/** What a token is made for: what it may do, until when, and how much. */
export interface TokenGrant extends Scope {
  /** What the operator calls it. */
  readonly name: string;
  /** Seconds since the Unix epoch; from then on the token is good for nothing. */
  readonly expiresAt?: number;
  readonly requestsPerSecond?: number;
  /** Of request and answer bodies together, in a day by UTC. */
  readonly bytesPerDay?: number;
}

export function hasExpired({ expiresAt = Infinity }: Pick<TokenGrant, 'expiresAt'>, now: number): boolean {
  return expiresAt <= now;
}

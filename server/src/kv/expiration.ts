import { type Fault, fault } from './errors.ts';
import { LIMITS } from './limits.ts';

/** An instant in seconds since the Unix epoch, 0 for never; or what is wrong with the request. */
export type Expiry = { readonly expiresAt: number } | { readonly fault: Fault };

const NEVER: Expiry = { expiresAt: 0 };

/**
 * When a pair expires. Both arguments are what the client sent, `undefined` or `null` where it sent nothing.
 * A TTL wins, and then `expiration` is not looked at.
 */
export function resolveExpiry(expiration: unknown, expirationTtl: unknown, now: number): Expiry {
  if (isPresent(expirationTtl)) return fromTtl(expirationTtl, now);
  if (isPresent(expiration)) return fromExpiration(expiration, now);
  return NEVER;
}

function fromTtl(ttl: unknown, now: number): Expiry {
  if (!isInteger(ttl) || ttl <= 0 || !Number.isSafeInteger(now + ttl)) {
    return { fault: fault('ttlNotPositive', { ttl: shown(ttl) }) };
  }
  const limit = LIMITS.expirationTtlSecondsMin;
  return ttl < limit ? { fault: fault('ttlTooShort', { ttl, limit }) } : { expiresAt: now + ttl };
}

function fromExpiration(expiration: unknown, now: number): Expiry {
  if (!isInteger(expiration) || expiration <= now) {
    return { fault: fault('expirationNotFuture', { expiration: shown(expiration) }) };
  }
  const limit = LIMITS.expirationTtlSecondsMin;
  return expiration < now + limit
    ? { fault: fault('expirationTooSoon', { expiration, limit }) }
    : { expiresAt: expiration };
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isInteger(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

const SHOWN_CHARACTERS = 40;

/** A refused value as it appears in the error text. */
function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.slice(0, SHOWN_CHARACTERS).toWellFormed();
}

/** A number from a query string: digits become a number, anything else stays as it is, to be refused. */
export function queryInteger(text: string | undefined): number | string | undefined {
  return text !== undefined && /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}

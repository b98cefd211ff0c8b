import { type Fault, fault } from './errors.ts';
import { LIMITS } from './limits.ts';

/** An instant in seconds since the Unix epoch, 0 for never; that it has passed; or what is wrong with the request. */
type Expiry = { readonly expiresAt: number } | { readonly hasPassed: true } | { readonly fault: Fault };

/** Decides when a pair expires, of `expiration` and `expiration_ttl` as the client sent them. */
export type ExpiryPolicy<Decided extends Expiry = Expiry> = (
  expiration: unknown,
  expirationTtl: unknown,
  now: number,
) => Decided;

const NEVER = { expiresAt: 0 } as const;

/**
 * When a pair expires. Both arguments are what the client sent, `undefined` or `null` where it sent nothing.
 * A TTL wins, and then `expiration` is not looked at.
 */
export function resolveExpiry(expiration: unknown, expirationTtl: unknown, now: number): NewExpiry {
  if (isPresent(expirationTtl)) return fromTtl(expirationTtl, now);
  if (isPresent(expiration)) return fromExpiration(expiration, now);
  return NEVER;
}

/**
 * The same for a pair that is brought from elsewhere, where it was accepted long ago: it may expire any moment, and to
 * have expired is no fault of it.
 */
export const resolveImportedExpiry: ExpiryPolicy = (expiration, expirationTtl, now) => {
  if (isPresent(expirationTtl))
    return isTtl(expirationTtl, now) ? { expiresAt: now + expirationTtl } : badTtl(expirationTtl);
  if (!isPresent(expiration)) return NEVER;
  if (!isInteger(expiration)) return notFuture(expiration);
  return expiration > now ? { expiresAt: expiration } : { hasPassed: true };
};

type NewExpiry = Exclude<Expiry, { readonly hasPassed: true }>;

function fromTtl(ttl: unknown, now: number): NewExpiry {
  if (!isTtl(ttl, now)) return badTtl(ttl);
  const limit = LIMITS.expirationTtlSecondsMin;
  return ttl < limit ? { fault: fault('ttlTooShort', { ttl, limit }) } : { expiresAt: now + ttl };
}

function fromExpiration(expiration: unknown, now: number): NewExpiry {
  if (!isInteger(expiration) || expiration <= now) return notFuture(expiration);
  const limit = LIMITS.expirationTtlSecondsMin;
  return expiration < now + limit
    ? { fault: fault('expirationTooSoon', { expiration, limit }) }
    : { expiresAt: expiration };
}

function isTtl(ttl: unknown, now: number): ttl is number {
  return isInteger(ttl) && ttl > 0 && Number.isSafeInteger(now + ttl);
}

function badTtl(ttl: unknown): NewExpiry {
  return { fault: fault('ttlNotPositive', { ttl: shown(ttl) }) };
}

function notFuture(expiration: unknown): NewExpiry {
  return { fault: fault('expirationNotFuture', { expiration: shown(expiration) }) };
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

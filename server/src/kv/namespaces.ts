import { type Fault, fault } from './errors.ts';
import { LIMITS } from './limits.ts';

/**
 * Accounts are implicit: every id of 32 hexadecimal digits is one. This is the one that examples use, and that
 * `/accounts` shows while no account has a namespace.
 */
export const DEFAULT_ACCOUNT_ID = '00000000000000000000000000000001';

export const JURISDICTIONS = ['eu', 'fedramp', 'us'] as const;

const HEX_ID = /^[0-9a-f]{32}$/i;

/** An account's or namespace's id in its one stored form, or undefined where it is not 32 hexadecimal digits. */
export function normaliseId(id: string): string | undefined {
  return HEX_ID.test(id) ? id.toLowerCase() : undefined;
}

/** What is wrong with a namespace's title, if anything. */
export function titleFault(title: unknown): Fault | undefined {
  if (typeof title !== 'string' || title === '') return fault('titleMissing');
  const characters = [...title].length;
  return characters > LIMITS.titleCharacters
    ? fault('titleTooLong', { characters, limit: LIMITS.titleCharacters })
    : undefined;
}

/** What is wrong with a jurisdiction, if anything; it may be absent. */
export function jurisdictionFault(jurisdiction: unknown): Fault | undefined {
  if (jurisdiction === undefined || jurisdiction === null) return undefined;
  const known: readonly unknown[] = JURISDICTIONS;
  return known.includes(jurisdiction) ? undefined : fault('jurisdictionInvalid', { allowed: JURISDICTIONS.join(', ') });
}

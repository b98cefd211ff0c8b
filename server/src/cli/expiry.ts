import type { Expires } from '../option-values.ts';

/** When something expires, in seconds since the Unix epoch. */
export function expiryAt(expires: Expires, now: number): number {
  return 'at' in expires ? expires.at : now + expires.after;
}

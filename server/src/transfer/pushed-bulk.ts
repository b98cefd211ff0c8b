/** What of an exported bulk is pushed: a pair that will soon expire is not. */
import { type Bulk, itemBytes, itemCount } from './bulk.ts';
import type { MoveCounts } from './resume-state.ts';

export interface PushedBulk {
  readonly items: readonly Buffer[];
  readonly counts: MoveCounts;
  /** Of the pairs that were exported. */
  readonly lastKey: string;
}

const EXPIRATION = Buffer.from('"expiration":');

/** Pairs that expire before `expiresMin`, in seconds since the Unix epoch, are left out and counted. */
export function selectItems(bulk: Bulk, expiresMin: number): PushedBulk {
  const items: Buffer[] = [];
  const count = itemCount(bulk);
  let expiring = 0;
  for (let index = 0; index < count; index++) {
    const item = itemBytes(bulk, index);
    const expiration = expirationOf(item);
    if (expiration !== undefined && expiration < expiresMin) continue;
    if (expiration !== undefined) expiring++;
    items.push(item);
  }
  const written = items.length;
  return {
    items,
    counts: { found: count, written, expiring, expired: count - written, gone: 0 },
    lastKey: JSON.parse(itemBytes(bulk, count - 1).toString()).key,
  };
}

/** In a string the quotes would have backslashes, so that few items need to be parsed. */
function expirationOf(item: Buffer): number | undefined {
  return item.includes(EXPIRATION) ? JSON.parse(item.toString()).expiration : undefined;
}

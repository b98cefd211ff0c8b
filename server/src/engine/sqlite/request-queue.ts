/** Accepted requests, and which of them share the next transaction. */
import { pairCount } from '../../kv/puts.ts';
import { SQLITE } from './constants.ts';
import { keyCount } from './key-arena.ts';
import type { Change, Request } from './messages.ts';

export class RequestQueue {
  readonly #small: Request[] = [];
  readonly #bulks: Request[] = [];
  #bulkIsNext = false;

  add(request: Request): void {
    const bulk =
      byteCount(request.change) >= SQLITE.bulkBytesMin || changeCount(request.change) >= SQLITE.bulkChangesMin;
    (bulk ? this.#bulks : this.#small).push(request);
  }

  /**
   * A group of small requests, in the order in which they came, or one bulk. Small ones go first, as a bulk takes
   * long; yet a bulk follows each group, so that a stream of small ones does not hold it back for ever.
   */
  next(): Request[] | undefined {
    const bulk = this.#bulkIsNext || this.#small.length === 0 ? this.#bulks.shift() : undefined;
    this.#bulkIsNext = bulk === undefined && this.#small.length > 0;
    if (bulk !== undefined) return [bulk];
    return this.#bulkIsNext ? this.#small.splice(0, this.#groupLength()) : undefined;
  }

  /** At least one; as many as stay within the limits of a group. */
  #groupLength(): number {
    let bytes = 0;
    let changes = 0;
    const excess = this.#small.findIndex(({ change }) => {
      bytes += byteCount(change);
      changes += changeCount(change);
      return bytes > SQLITE.groupBytesMax || changes > SQLITE.groupChangesMax;
    });
    return excess < 0 ? this.#small.length : Math.max(excess, 1);
  }
}

function byteCount(change: Change): number {
  return 'bytes' in change ? change.bytes : 0;
}

function changeCount(change: Change): number {
  if (!('bytes' in change)) return 1;
  const { puts, deletes } = { deletes: undefined, ...change };
  return (puts === undefined ? 0 : pairCount(puts)) + (deletes === undefined ? 0 : keyCount(deletes));
}

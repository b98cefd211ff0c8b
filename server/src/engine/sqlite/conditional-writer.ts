/** Changes that look first at what is there, inside the writer's transaction. */
import type Database from 'better-sqlite3';
import type { Conflicts } from '../../kv/engine.ts';
import { keyOf, OFFSETS_PER_PAIR, type Puts, pairCount, partOf, putBytes, selectPairs } from '../../kv/puts.ts';
import { SQLITE } from './constants.ts';
import { keyOrder } from './key-order.ts';
import type { PutGuard, Result } from './messages.ts';

const VISIBLE = 'namespace = ? AND key = ? AND (expires IS NULL OR expires > ?)';

const IS_TAKEN = `SELECT 1 FROM pairs WHERE ${VISIBLE}`;
export const REPLACE_VALUE = `UPDATE pairs SET value = ? WHERE ${VISIBLE}`;
export const REMOVE_UNCHANGED = `
  DELETE FROM pairs WHERE namespace = ? AND key = ? AND expires IS ? AND metadata IS ? AND value = ?`;

/** Either all that may be written, or why nothing may. */
type Split =
  | { readonly free: Puts; readonly skipped: NonNullable<Result['skipped']>; readonly conflicts?: undefined }
  | { readonly conflicts: Conflicts };

export class ConditionalWriter {
  readonly #isTaken: Database.Statement<[namespace: number, key: Uint8Array, now: number], number>;
  readonly #replaceValue: Database.Statement<[value: Uint8Array, namespace: number, key: Uint8Array, now: number]>;
  readonly #removeUnchanged: Database.Statement<
    [namespace: number, key: Uint8Array, expires: number | null, metadata: Uint8Array | null, value: Uint8Array]
  >;

  constructor(database: Database.Database) {
    this.#isTaken = database.prepare<[number, Uint8Array, number], number>(IS_TAKEN).pluck();
    this.#replaceValue = database.prepare(REPLACE_VALUE);
    this.#removeUnchanged = database.prepare(REMOVE_UNCHANGED);
  }

  /** Which of the puts meet no pair. */
  split(namespace: number, puts: Puts, { onConflict, now }: PutGuard): Split {
    const taken: number[] = [];
    const free: number[] = [];
    for (let number = 0; number < pairCount(puts); number++) {
      const isTaken = this.#isTaken.get(namespace, partOf(puts, number, 'key'), now) !== undefined;
      (isTaken ? taken : free).push(number);
    }
    if (onConflict === 'refuse' && taken.length > 0) {
      const keys = taken.slice(0, SQLITE.conflictsNamedMax).map(number => keyOf(puts, number));
      return { conflicts: { count: taken.length, keys } };
    }
    return {
      free: taken.length === 0 ? puts : selectPairs(puts, free),
      skipped: { pairs: taken, bytes: putBytes(selectPairs(puts, taken)) },
    };
  }

  /** Of one pair. Answers whether there is one. */
  replaceValue(namespace: number, puts: Puts, now: number): boolean {
    const { changes } = this.#replaceValue.run(partOf(puts, 0, 'value'), namespace, partOf(puts, 0, 'key'), now);
    return changes > 0;
  }

  /** Answers how many were. */
  removeUnchanged(namespace: number, puts: Puts): number {
    let removed = 0;
    for (const number of keyOrder(puts, OFFSETS_PER_PAIR)) {
      const metadata = partOf(puts, number, 'metadata');
      removed += this.#removeUnchanged.run(
        namespace,
        partOf(puts, number, 'key'),
        puts.expiresAt[number] || null,
        metadata.length === 0 ? null : metadata,
        partOf(puts, number, 'value'),
      ).changes;
    }
    return removed;
  }
}

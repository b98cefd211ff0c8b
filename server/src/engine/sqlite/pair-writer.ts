/** Statements that change pairs, inside the writer's transaction. */
import type Database from 'better-sqlite3';
import { OFFSETS_PER_PAIR, type Puts, pairCount } from '../../kv/puts.ts';
import { SQLITE } from './constants.ts';
import { type KeyArena, keyCount, OFFSETS_PER_KEY } from './key-arena.ts';
import { keyOrder } from './key-order.ts';

const UPDATE = `
  ON CONFLICT (id) DO UPDATE SET expires = excluded.expires, metadata = excluded.metadata, value = excluded.value`;

// A rowid known from the look-up turns the insert into an update: faster than REPLACE, which deletes first.
export const PUT = `
  INSERT INTO pairs (id, namespace, key, expires, metadata, value)
  VALUES ((SELECT id FROM pairs WHERE namespace = ? AND key = ?), ?, ?, ?, ?, ?) ${UPDATE}`;

// Its look-ups all come before its first insert: no key may occur twice.
export const PUT_STEP = `
  WITH
    step (key, expires, metadata, value) AS (VALUES ${aStepOf('(?, ?, ?, ?)')}),
    target (namespace) AS (SELECT ?)
  INSERT INTO pairs (id, namespace, key, expires, metadata, value)
  SELECT
    (SELECT id FROM pairs WHERE pairs.namespace = target.namespace AND pairs.key = step.key),
    target.namespace, step.key, step.expires, step.metadata, step.value
  FROM step, target WHERE true ${UPDATE}`;

export const DELETE = 'DELETE FROM pairs WHERE namespace = ? AND key = ?';
export const DELETE_STEP = `DELETE FROM pairs WHERE key IN (${aStepOf('?')}) AND namespace = ?`;

type PutParameters = [
  namespaceSought: number,
  keySought: Uint8Array,
  namespace: number,
  key: Uint8Array,
  expires: number | null,
  metadata: Uint8Array | null,
  value: Uint8Array,
];

/**
 * A bulk goes in the order of its keys, in steps of many small pairs a statement: to bind a pair and call a statement
 * takes longer than what it then does. What is no bulk goes in its own order, as a key may occur in it more than once.
 */
export class PairWriter {
  readonly #put: Database.Statement<PutParameters>;
  readonly #putStep: Database.Statement<[parameters: readonly unknown[]]>;
  readonly #delete: Database.Statement<[namespace: number, key: Uint8Array]>;
  readonly #deleteStep: Database.Statement<[parameters: readonly unknown[]]>;

  constructor(database: Database.Database) {
    this.#put = database.prepare(PUT);
    this.#putStep = database.prepare(PUT_STEP);
    this.#delete = database.prepare(DELETE);
    this.#deleteStep = database.prepare(DELETE_STEP);
  }

  put(namespace: number, puts: Puts): void {
    const count = pairCount(puts);
    if (count < SQLITE.bulkChangesMin) {
      for (let number = 0; number < count; number++) this.#putOne(namespace, puts, number);
      return;
    }
    for (const step of steps(keyOrder(puts, OFFSETS_PER_PAIR))) {
      if (this.#putTogether(namespace, puts, step)) continue;
      for (const number of step) this.#putOne(namespace, puts, number);
    }
  }

  /** Puts nothing and answers false where the step is not full, or weighs too much: its values are copied once more. */
  #putTogether(namespace: number, { arena, offsets, expiresAt }: Puts, numbers: Uint32Array): boolean {
    if (numbers.length < SQLITE.changesPerStatement) return false;
    const parameters: unknown[] = [];
    let bytes = 0;
    for (const number of numbers) {
      const at = number * OFFSETS_PER_PAIR;
      const value = part(arena, offsets, at + 4);
      parameters.push(part(arena, offsets, at), expiresAt[number] || null, partOrNull(arena, offsets, at + 2), value);
      bytes += value.length;
    }
    if (bytes > SQLITE.statementBytesMax) return false;
    parameters.push(namespace);
    this.#putStep.run(parameters);
    return true;
  }

  #putOne(namespace: number, { arena, offsets, expiresAt }: Puts, number: number): void {
    const at = number * OFFSETS_PER_PAIR;
    const key = part(arena, offsets, at);
    const metadata = partOrNull(arena, offsets, at + 2);
    const value = part(arena, offsets, at + 4);
    this.#put.run(namespace, key, namespace, key, expiresAt[number] || null, metadata, value);
  }

  delete(namespace: number, keys: KeyArena): void {
    const count = keyCount(keys);
    if (count < SQLITE.bulkChangesMin) {
      for (let number = 0; number < count; number++) this.#deleteOne(namespace, keys, number);
      return;
    }
    for (const step of steps(keyOrder(keys, OFFSETS_PER_KEY))) {
      if (this.#deleteTogether(namespace, keys, step)) continue;
      for (const number of step) this.#deleteOne(namespace, keys, number);
    }
  }

  #deleteTogether(namespace: number, { arena, offsets }: KeyArena, numbers: Uint32Array): boolean {
    if (numbers.length < SQLITE.changesPerStatement) return false;
    const parameters: unknown[] = [];
    for (const number of numbers) parameters.push(part(arena, offsets, number * OFFSETS_PER_KEY));
    parameters.push(namespace);
    this.#deleteStep.run(parameters);
    return true;
  }

  #deleteOne(namespace: number, { arena, offsets }: KeyArena, number: number): void {
    this.#delete.run(namespace, part(arena, offsets, number * OFFSETS_PER_KEY));
  }
}

/** What lies between a position of the offsets and the next one. */
function part(arena: Uint8Array, offsets: Uint32Array, at: number): Uint8Array {
  return arena.subarray(offsets[at], offsets[at + 1]);
}

function partOrNull(arena: Uint8Array, offsets: Uint32Array, at: number): Uint8Array | null {
  return offsets[at] === offsets[at + 1] ? null : part(arena, offsets, at);
}

/** As many as go into a statement, again and again, and then the rest. */
function* steps(order: Uint32Array): Generator<Uint32Array> {
  for (let first = 0; first < order.length; first += SQLITE.changesPerStatement) {
    yield order.subarray(first, first + SQLITE.changesPerStatement);
  }
}

/** So often as there are changes in a statement. */
function aStepOf(text: string): string {
  return Array(SQLITE.changesPerStatement).fill(text).join();
}

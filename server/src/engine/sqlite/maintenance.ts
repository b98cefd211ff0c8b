/** Removing what is out of sight already, in steps short enough to stand between two transactions. */
import type Database from 'better-sqlite3';
import { crashPoint } from '../crash-point.ts';
import { SQLITE } from './constants.ts';
import { refusalOf } from './failure.ts';

export interface MaintenanceOptions {
  readonly freePagesKept?: number;
  /** Milliseconds on a clock that only runs forward. */
  readonly elapsedMs?: () => number;
  /** Told how many expired pairs a step has removed, if any. */
  readonly onSwept?: (pairs: number) => void;
}

export class Maintenance {
  readonly #database: Database.Database;
  readonly #freePagesKept: number;
  readonly #elapsedMs: () => number;
  readonly #onSwept: (pairs: number) => void;
  readonly #begin: Database.Statement<[]>;
  readonly #commit: Database.Statement<[]>;
  readonly #rollback: Database.Statement<[]>;
  readonly #sweep: Database.Statement<[expiresMax: number]>;
  readonly #reclaimed: Database.Statement<[], number>;
  readonly #reclaimPair: Database.Statement<[namespace: number]>;
  readonly #reclaimDone: Database.Statement<[namespace: number]>;
  readonly #freePages: Database.Statement<[], number>;

  constructor(database: Database.Database, options: MaintenanceOptions = {}) {
    this.#database = database;
    this.#freePagesKept = options.freePagesKept ?? SQLITE.freePagesKept;
    this.#elapsedMs = options.elapsedMs ?? (() => performance.now());
    this.#onSwept = options.onSwept ?? (() => {});
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
    this.#rollback = database.prepare('ROLLBACK');
    // A pair at a time: it may weigh 25 MiB, and time can only be looked at between two of them.
    this.#sweep = database.prepare(
      'DELETE FROM pairs WHERE id = (SELECT id FROM pairs WHERE expires <= ? ORDER BY expires LIMIT 1)',
    );
    this.#reclaimed = database.prepare<[], number>('SELECT namespace FROM reclaim LIMIT 1').pluck();
    this.#reclaimPair = database.prepare(
      'DELETE FROM pairs WHERE id = (SELECT id FROM pairs WHERE namespace = ? LIMIT 1)',
    );
    this.#reclaimDone = database.prepare('DELETE FROM reclaim WHERE namespace = ?');
    this.#freePages = database.prepare<[], number>('PRAGMA freelist_count').pluck();
  }

  /** Works for a few milliseconds in one transaction. Returns whether work is left. */
  step(now: number): boolean {
    const endMs = this.#elapsedMs() + SQLITE.maintenanceStepMs;
    let swept = 0;
    const sweep = () => {
      const found = this.#sweepPair(now);
      if (found) swept += 1;
      return found;
    };
    const tasks = [sweep, () => this.#reclaim(), () => this.#vacuum()];
    try {
      this.#begin.run();
      const workLeft = tasks.some(task => this.#repeat(task, endMs));
      crashPoint('before-maintenance-commit');
      this.#commit.run();
      if (swept > 0) this.#onSwept(swept);
      return workLeft;
    } catch (error) {
      if (this.#database.inTransaction) this.#rollback.run();
      // Full disk or foreign lock: another tick will find better times.
      if (refusalOf(error) === undefined) throw error;
      return false;
    }
  }

  /** Returns whether time ran out before the task was done. */
  #repeat(task: () => boolean, endMs: number): boolean {
    while (task()) {
      if (this.#elapsedMs() >= endMs) return true;
    }
    return false;
  }

  #sweepPair(now: number): boolean {
    return this.#sweep.run(now - SQLITE.sweepDelaySeconds).changes > 0;
  }

  #reclaim(): boolean {
    const namespace = this.#reclaimed.get();
    if (namespace === undefined) return false;
    if (this.#reclaimPair.run(namespace).changes === 0) this.#reclaimDone.run(namespace);
    return true;
  }

  #vacuum(): boolean {
    const spare = (this.#freePages.get() ?? 0) - this.#freePagesKept;
    if (spare <= 0) return false;
    // `exec`, because a prepared PRAGMA would stop after its first page.
    this.#database.exec(`PRAGMA incremental_vacuum(${Math.min(spare, SQLITE.vacuumPages)})`);
    return true;
  }
}

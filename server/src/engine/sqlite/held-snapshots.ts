/**
 * States of the database that are held on to for longer than a turn, each by a connection of its own. As long as one
 * stays, the log behind it cannot begin anew: so there is a bound to what may be added to the log while one is held. Where
 * they overlap without end, the share of the free space bounds them together.
 */
import type Database from 'better-sqlite3';
import { type Clock, EngineError, type NamespaceAddress } from '../../kv/engine.ts';
import type { Slots } from '../../kv/histogram.ts';
import { openForReading } from './connection.ts';
import { SQLITE } from './constants.ts';
import { messageOf, orFileLimit } from './failure.ts';
import { holdLog, readLoggedBytes } from './figures.ts';
import type { Look } from './look.ts';

export interface HeldSnapshotsOptions {
  readonly file: string;
  readonly clock: Clock;
  /** Of `newWriterFigures`. */
  readonly figures: Slots;
  /** What may be written to the disk before its floor is reached. Throws where that cannot be told. */
  readonly spareBytes: () => number;
  readonly logBytesMax?: number;
}

/** One namespace as it was at one instant. */
export interface HeldSnapshot {
  readonly look: Look;
  /** Throws where it is not held any more. */
  connection(): Database.Database;
  /** Harmless when repeated. */
  close(): void;
}

interface Held {
  readonly database: Database.Database;
  readonly loggedBytes: number;
  /** Why it is not held any more. */
  ended?: EngineError;
}

export class HeldSnapshots {
  readonly #options: HeldSnapshotsOptions;
  readonly #held = new Set<Held>();
  #checks: NodeJS.Timeout | undefined;
  /** While any are held. */
  #letGoOfLog: () => void = () => {};
  #logBytesMax = 0;

  constructor(options: HeldSnapshotsOptions) {
    this.#options = options;
  }

  /** Throws `tooManyScans` where so many are held. */
  hold(address: NamespaceAddress, countMax = Number.POSITIVE_INFINITY): HeldSnapshot {
    if (this.#held.size >= countMax) throw new EngineError('tooManyScans');
    const { clock, figures } = this.#options;
    const loggedBytes = readLoggedBytes(figures);
    const database = this.#connect();
    const held: Held = { database, loggedBytes };
    this.#held.add(held);
    if (this.#checks === undefined) this.#begin();
    try {
      database.exec('BEGIN');
      const namespace = numberOf(database, address);
      return {
        look: { namespace, now: clock() },
        connection: () => {
          this.#check();
          if (held.ended !== undefined) throw held.ended;
          return database;
        },
        close: () => this.#end(held, closed()),
      };
    } catch (error) {
      this.#end(held, closed());
      throw error;
    }
  }

  close(): void {
    for (const held of this.#held) this.#end(held, closed());
  }

  #connect(): Database.Database {
    try {
      return openForReading(this.#options.file, SQLITE.scanCacheBytes);
    } catch (error) {
      throw new EngineError('unavailable', `the database cannot be opened: ${messageOf(error)}${orFileLimit(error)}`);
    }
  }

  #begin(): void {
    this.#letGoOfLog = holdLog(this.#options.figures);
    this.#boundLog();
    const look = (): void => {
      this.#boundLog();
      this.#check();
    };
    this.#checks = setInterval(look, SQLITE.scanCheckMs).unref();
  }

  /** To a part of the disk's free space, as others need it too. */
  #boundLog(): void {
    const { spareBytes, logBytesMax = SQLITE.scanLogBytesMax } = this.#options;
    try {
      this.#logBytesMax = Math.min(logBytesMax, Math.max(0, spareBytes()) * SQLITE.scanLogFreeShareMax);
    } catch {
      // A file system that cannot tell now is asked again.
    }
  }

  /** Ends those that have kept the log from beginning anew for too long; the oldest are the first of them. */
  #check(): void {
    const loggedBytes = readLoggedBytes(this.#options.figures);
    for (const held of this.#held) {
      if (loggedBytes - held.loggedBytes > this.#logBytesMax) this.#end(held, new EngineError('scanEnded'));
    }
  }

  #end(held: Held, error: EngineError): void {
    if (!this.#held.delete(held)) return;
    held.ended = error;
    held.database.close();
    if (this.#held.size > 0) return;
    clearInterval(this.#checks);
    this.#checks = undefined;
    this.#letGoOfLog();
  }
}

function closed(): EngineError {
  return new EngineError('unavailable', 'the scan is closed');
}

function numberOf(database: Database.Database, { account, id }: NamespaceAddress): number {
  const number = database
    .prepare<[string, string], number>('SELECT number FROM namespaces WHERE account = ? AND id = ?')
    .pluck()
    .get(account, id);
  if (number === undefined) throw new EngineError('namespaceMissing');
  return number;
}

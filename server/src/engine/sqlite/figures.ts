/** What the writer has done since it was started, in memory that all threads share: they read it without asking. */
import type { BackupFigures } from '../../kv/engine.ts';
import {
  addTo,
  type Histogram,
  histogramSlots,
  newSlots,
  SECONDS_BOUNDS,
  SharedHistogram,
  type Slots,
} from '../../kv/histogram.ts';
import { type Puts, pairCount, putBytes } from '../../kv/puts.ts';
import type { LogSizes } from './checkpoint.ts';
import { SQLITE } from './constants.ts';
import { keyCount } from './key-arena.ts';
import type { Outcome, Request, Result } from './messages.ts';

const NOW = 0;
const PAIRS_PUT = 1;
const PAIRS_DELETED = 2;
const BYTES_PUT = 3;
const PAIRS_SWEPT = 4;
const LOG_WAITS_SINCE = 5;
const LOG_LEFT_BYTES = 6;
const LOGGED_BYTES = 7;
const LOG_HELD = 8;
const LOG_HELD_BYTES = 9;
const BACKUP_AT = 10;
const BACKUP_SECONDS = 11;
const BACKUP_BYTES = 12;
const BACKUP_FAILURES = 13;
const BACKUP_INTERVAL = 14;
const COMMIT_REQUESTS = 15;
const COMMIT_SECONDS = COMMIT_REQUESTS + histogramSlots(SQLITE.commitRequestsBounds);
const SLOTS = COMMIT_SECONDS + histogramSlots(SECONDS_BOUNDS);

export interface WriterTotals {
  readonly pairsPut: number;
  readonly pairsDeleted: number;
  readonly bytesPut: number;
  readonly pairsSwept: number;
  /** When the log's oldest page began to wait for its place in the database, by the serving side's clock, if one does. */
  readonly logWaitsSince: number | undefined;
  readonly commitRequests: Histogram;
  readonly commitSeconds: Histogram;
}

/** `now` is the serving side's clock. */
export function newWriterFigures(now: number): Slots {
  const slots = newSlots(SLOTS);
  slots[NOW] = now;
  return slots;
}

export function readWriterFigures(slots: Slots): WriterTotals {
  return {
    pairsPut: slots[PAIRS_PUT] ?? 0,
    pairsDeleted: slots[PAIRS_DELETED] ?? 0,
    bytesPut: slots[BYTES_PUT] ?? 0,
    pairsSwept: slots[PAIRS_SWEPT] ?? 0,
    logWaitsSince: slots[LOG_WAITS_SINCE] || undefined,
    commitRequests: commitRequestsIn(slots).read(),
    commitSeconds: commitSecondsIn(slots).read(),
  };
}

/** What of the log is not yet in the database. */
export function readLogLeftBytes(slots: Slots): number {
  return slots[LOG_LEFT_BYTES] ?? 0;
}

/** What was added to the log in all, so far as is known: it tells how much was added between two looks. */
export function readLoggedBytes(slots: Slots): number {
  return slots[LOGGED_BYTES] ?? 0;
}

/**
 * To be called when a backup or scan begins to read one instant, as the log cannot begin anew meanwhile; and what is
 * returned, when that is over. Any thread may do so. Harmless when repeated.
 */
export function holdLog(slots: Slots): () => void {
  const holders = holdersIn(slots);
  Atomics.add(holders, 0, 1);
  let isHeld = true;
  return () => {
    if (isHeld) Atomics.sub(holders, 0, 1);
    isHeld = false;
  };
}

/** In the place of a slot, because many threads count here, which takes integers. */
function holdersIn(slots: Slots): Int32Array<SharedArrayBuffer> {
  return new Int32Array(slots.buffer, slots.byteOffset + LOG_HELD * slots.BYTES_PER_ELEMENT, 1);
}

/** How far the log has grown for the sake of backups and scans; 0 once it has begun anew since. */
export function readLogHeldBytes(slots: Slots): number {
  return slots[LOG_HELD_BYTES] ?? 0;
}

/** One thread alone may do so. */
export function noteBackups(slots: Slots, backups: BackupFigures): void {
  slots[BACKUP_AT] = backups.lastAt;
  slots[BACKUP_SECONDS] = backups.lastSeconds;
  slots[BACKUP_BYTES] = backups.lastBytes;
  slots[BACKUP_FAILURES] = backups.failures;
  slots[BACKUP_INTERVAL] = backups.intervalSeconds;
}

export function readBackups(slots: Slots): BackupFigures {
  return {
    lastAt: slots[BACKUP_AT] ?? 0,
    lastSeconds: slots[BACKUP_SECONDS] ?? 0,
    lastBytes: slots[BACKUP_BYTES] ?? 0,
    failures: slots[BACKUP_FAILURES] ?? 0,
    intervalSeconds: slots[BACKUP_INTERVAL] ?? 0,
  };
}

function commitRequestsIn(slots: Slots): SharedHistogram {
  return new SharedHistogram(SQLITE.commitRequestsBounds, slots, COMMIT_REQUESTS);
}

function commitSecondsIn(slots: Slots): SharedHistogram {
  return new SharedHistogram(SECONDS_BOUNDS, slots, COMMIT_SECONDS);
}

/** The writer's side. */
export class WriterFigures {
  readonly #slots: Slots;
  readonly #logHolders: Int32Array<SharedArrayBuffer>;
  readonly #commitRequests: SharedHistogram;
  readonly #commitSeconds: SharedHistogram;

  constructor(slots: Slots) {
    this.#slots = slots;
    this.#logHolders = holdersIn(slots);
    this.#commitRequests = commitRequestsIn(slots);
    this.#commitSeconds = commitSecondsIn(slots);
  }

  /** `now` is the serving side's clock. */
  tick(now: number): void {
    this.#slots[NOW] = now;
  }

  /** To be called before the answer, so that whoever has it finds the change counted. */
  executed(requests: readonly Request[], outcomes: readonly Outcome[], seconds: number): void {
    this.#commitRequests.observe(requests.reduce((sum, { count }) => sum + count, 0));
    this.#commitSeconds.observe(seconds);
    const refused = outcomes.filter(({ failure, conflicts }) => failure !== undefined || conflicts !== undefined);
    for (const request of requests) {
      const { number, count } = request;
      if (refused.some(outcome => outcome.number >= number && outcome.number < number + count)) continue;
      this.#changed(request, outcomes);
    }
  }

  swept(pairs: number): void {
    addTo(this.#slots, PAIRS_SWEPT, pairs);
  }

  logStands({ uncopiedBytes, loggedBytes, heldBytes }: LogSizes): void {
    this.#slots[LOG_HELD_BYTES] = heldBytes;
    this.#slots[LOGGED_BYTES] = loggedBytes;
    this.#slots[LOG_LEFT_BYTES] = uncopiedBytes;
    if (uncopiedBytes === 0) this.#slots[LOG_WAITS_SINCE] = 0;
    else this.#slots[LOG_WAITS_SINCE] ||= this.#slots[NOW] ?? 0;
  }

  /** Whether a backup or scan keeps the log from beginning anew. */
  get logIsHeld(): boolean {
    return Atomics.load(this.#logHolders, 0) > 0;
  }

  #changed({ number, change }: Request, outcomes: readonly Outcome[]): void {
    switch (change.kind) {
      case 'write': {
        const { puts, deletes, guard } = change;
        const skipped = guard && outcomes.find(outcome => outcome.number === number)?.skipped;
        if (puts !== undefined) this.#put(puts, skipped);
        if (deletes !== undefined) addTo(this.#slots, PAIRS_DELETED, keyCount(deletes));
        break;
      }
      case 'replaceValue':
        this.#put(change.puts);
        break;
      case 'removeUnchanged':
        addTo(this.#slots, PAIRS_DELETED, outcomes.find(outcome => outcome.number === number)?.removed ?? 0);
        break;
    }
  }

  #put(puts: Puts, skipped: Result['skipped'] = { pairs: [], bytes: 0 }): void {
    addTo(this.#slots, PAIRS_PUT, pairCount(puts) - skipped.pairs.length);
    addTo(this.#slots, BYTES_PUT, putBytes(puts) - skipped.bytes);
  }
}

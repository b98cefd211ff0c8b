/** Moving the log's pages into the database, after the writer has answered. */
import type Database from 'better-sqlite3';
import { crashPoint } from '../crash-point.ts';
import { SQLITE } from './constants.ts';
import { refusalOf } from './failure.ts';
import type { LogCopier } from './log-copier.ts';

type CheckpointRow = [busy: number, logFrames: number, copiedFrames: number];

/** Sizes of the log in bytes. */
export interface LogLimits {
  /** From here on it is copied. */
  readonly copied: number;
  /** From here on writes wait until it is copied. */
  readonly max: number;
  /** Up to here the writer copies what is left by itself. */
  readonly rest: number;
}

/** What is told of the log, in bytes. */
export interface LogSizes {
  /** What the database may still grow by when the log is copied, as of the last look at it. */
  readonly uncopiedBytes: number;
  /** What was added to it since this began to look. */
  readonly loggedBytes: number;
  /**
   * How far it has grown while a backup or scan held it; 0 once it has begun anew. Writes do not wait for that much to be
   * copied, neither meanwhile, as it would be in vain, nor afterwards all at once.
   */
  readonly heldBytes: number;
}

export interface CheckpointerParts {
  readonly database: Database.Database;
  readonly copier: Pick<LogCopier, 'copy' | 'settle' | 'close'>;
  readonly limits?: LogLimits;
  /** Whether a backup or scan keeps the log from beginning anew. */
  readonly isHeld?: () => boolean;
}

const LIMITS: LogLimits = {
  copied: SQLITE.logCheckpointBytes,
  max: SQLITE.logBytesMax,
  rest: SQLITE.logRestBytesMax,
};

export class Checkpointer implements LogSizes {
  readonly #database: Database.Database;
  readonly #copier: CheckpointerParts['copier'];
  readonly #limits: LogLimits;
  readonly #isHeld: () => boolean;
  readonly #pageBytes: number;
  readonly #look: Database.Statement<[], CheckpointRow>;
  readonly #copy: Database.Statement<[], CheckpointRow>;
  readonly #truncate: Database.Statement<[], CheckpointRow>;
  #bytesAtTick = 0;
  #logBytes = 0;
  #uncopiedBytes = 0;
  #loggedBytes = 0;
  #heldBytes = 0;
  #wantsSpace = false;

  constructor({ database, copier, limits = LIMITS, isHeld = () => false }: CheckpointerParts) {
    this.#database = database;
    this.#copier = copier;
    this.#limits = limits;
    this.#isHeld = isHeld;
    this.#pageBytes = Number(database.pragma('page_size', { simple: true }));
    this.#look = database.prepare<[], CheckpointRow>('PRAGMA wal_checkpoint(NOOP)').raw();
    this.#copy = database.prepare<[], CheckpointRow>('PRAGMA wal_checkpoint(PASSIVE)').raw();
    this.#truncate = database.prepare<[], CheckpointRow>('PRAGMA wal_checkpoint(TRUNCATE)').raw();
  }

  get uncopiedBytes(): number {
    return this.#uncopiedBytes;
  }

  get loggedBytes(): number {
    return this.#loggedBytes;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /**
   * Has a log copied that has grown long. Once all of it is copied and no reader is in it, the next commit begins it
   * anew. The copier by itself would never get there under a stream of commits: what is left when it has caught up is
   * copied here, between two of them. Until that has succeeded every commit is followed by another attempt, because
   * each of them is a chance for that.
   */
  afterCommit(): void {
    this.#run(this.#look);
    if (this.#logBytes >= this.#limits.copied) this.#shorten();
  }

  /** Space is short: the log is emptied as soon as a tick finds it copied. */
  wantSpace(): void {
    this.#wantsSpace = true;
  }

  /** Empties the log, once it is copied, if it has not grown since the last tick or if space is short. */
  onTick(): void {
    this.#run(this.#look);
    const idle = this.#logBytes === this.#bytesAtTick;
    this.#bytesAtTick = this.#logBytes;
    if (this.#logBytes === 0 || !(idle || this.#wantsSpace) || this.#isHeld()) return;
    if (this.#uncopiedBytes > this.#limits.rest) {
      this.#shorten();
    } else {
      this.#truncateNow();
      this.#wantsSpace = false;
    }
  }

  /** Ends the copier, copies all of the log and cuts its file to nothing, unless readers stay in it. */
  close(): void {
    this.#copier.close();
    this.#truncateNow();
  }

  #shorten(): void {
    if (this.#uncopiedBytes === 0) return;
    const grownTooLong = this.#logBytes >= this.#heldBytes + this.#limits.max;
    if (grownTooLong) this.#copier.settle();
    if (grownTooLong || this.#uncopiedBytes <= this.#limits.rest || !this.#copier.copy()) this.#run(this.#copy);
  }

  #truncateNow(): void {
    // This PRAGMA takes effect when it is compiled: a prepared statement would do nothing.
    this.#database.pragma(`busy_timeout = ${SQLITE.truncateBusyMs}`);
    this.#run(this.#truncate);
    this.#database.pragma(`busy_timeout = ${SQLITE.busyMs}`);
  }

  #run(statement: Database.Statement<[], CheckpointRow>): void {
    const copies = statement !== this.#look;
    try {
      if (copies) crashPoint('before-checkpoint');
      const [, logFrames = -1, copiedFrames = -1] = statement.get() ?? [];
      if (copies) crashPoint('after-checkpoint');
      // Negative where the copier is at it, so that nothing was done.
      if (logFrames < 0) return;
      const logBytes = logFrames * this.#pageBytes;
      // What is shorter than before was begun anew.
      this.#loggedBytes += logBytes >= this.#logBytes ? logBytes - this.#logBytes : logBytes;
      this.#logBytes = logBytes;
      this.#uncopiedBytes = (logFrames - copiedFrames) * this.#pageBytes;
      if (this.#isHeld()) this.#heldBytes = this.#logBytes;
      else if (this.#logBytes < this.#heldBytes) this.#heldBytes = 0;
    } catch (error) {
      // A full disk stops a checkpoint, and harms nothing: the log stays, and is copied when there is space.
      if (refusalOf(error) === undefined) throw error;
    }
  }
}

/** Moving the log's pages into the database, on the writer's connection and after it has answered. */
import type Database from 'better-sqlite3';
import { SQLITE } from './constants.ts';
import { refusalOf } from './failure.ts';

type CheckpointRow = [busy: number, logFrames: number, copiedFrames: number];

export class Checkpointer {
  readonly #database: Database.Database;
  readonly #pageBytes: number;
  readonly #logFramesMax: number;
  readonly #look: Database.Statement<[], CheckpointRow>;
  readonly #copy: Database.Statement<[], CheckpointRow>;
  readonly #truncate: Database.Statement<[], CheckpointRow>;
  #framesAtTick = 0;
  #uncopiedFrames = 0;
  #truncateAtTick = false;

  constructor(database: Database.Database, logBytesMax: number = SQLITE.logCheckpointBytes) {
    this.#database = database;
    this.#pageBytes = Number(database.pragma('page_size', { simple: true }));
    this.#logFramesMax = Math.ceil(logBytesMax / this.#pageBytes);
    this.#look = database.prepare<[], CheckpointRow>('PRAGMA wal_checkpoint(NOOP)').raw();
    this.#copy = database.prepare<[], CheckpointRow>('PRAGMA wal_checkpoint(PASSIVE)').raw();
    this.#truncate = database.prepare<[], CheckpointRow>('PRAGMA wal_checkpoint(TRUNCATE)').raw();
  }

  /** What the database may still grow by when the log is copied, as of the last look at it. */
  get uncopiedBytes(): number {
    return this.#uncopiedFrames * this.#pageBytes;
  }

  /**
   * Copies a log that has grown long. Once all of it is copied and no reader is in it, the next commit begins it anew;
   * until then every commit is followed by another attempt, because each of them is a chance for that.
   */
  afterCommit(): void {
    const { logFrames, copiedFrames } = this.#run(this.#look);
    if (logFrames >= this.#logFramesMax && copiedFrames < logFrames) this.#run(this.#copy);
  }

  /** Space is short: the next tick empties the log. */
  wantSpace(): void {
    this.#truncateAtTick = true;
  }

  /** Empties the log if it has not grown since the last tick, or if space is short. */
  onTick(): void {
    const { logFrames } = this.#run(this.#look);
    const idle = logFrames === this.#framesAtTick;
    if (logFrames > 0 && (idle || this.#truncateAtTick)) this.truncate();
    this.#truncateAtTick = false;
    this.#framesAtTick = logFrames;
  }

  /** Copies all of the log and cuts its file to nothing, unless readers stay in it. */
  truncate(): void {
    // This PRAGMA takes effect when it is compiled: a prepared statement would do nothing.
    this.#database.pragma(`busy_timeout = ${SQLITE.truncateBusyMs}`);
    this.#run(this.#truncate);
    this.#database.pragma(`busy_timeout = ${SQLITE.busyMs}`);
  }

  #run(statement: Database.Statement<[], CheckpointRow>): { logFrames: number; copiedFrames: number } {
    try {
      const [, logFrames, copiedFrames] = statement.get() ?? [0, 0, 0];
      this.#uncopiedFrames = logFrames - copiedFrames;
      return { logFrames, copiedFrames };
    } catch (error) {
      // A full disk stops a checkpoint, and harms nothing: the log stays, and is copied when there is space.
      if (refusalOf(error) === undefined) throw error;
      return { logFrames: 0, copiedFrames: 0 };
    }
  }
}

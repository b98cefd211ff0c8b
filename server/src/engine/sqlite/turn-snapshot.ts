/** One read transaction for the reads of a turn of the event loop: to begin and end it costs as much as a read. */
import type Database from 'better-sqlite3';
import { type CommitCount, commitsSoFar } from './commit-count.ts';

export class TurnSnapshot {
  readonly #database: Database.Database;
  readonly #commits: CommitCount;
  readonly #begin: Database.Statement<[]>;
  readonly #commit: Database.Statement<[]>;
  /** Undefined where there is no transaction. */
  #commitsAtBegin: number | undefined;
  #endIsDue = false;

  constructor(database: Database.Database, commits: CommitCount) {
    this.#database = database;
    this.#commits = commits;
    this.#begin = database.prepare('BEGIN');
    this.#commit = database.prepare('COMMIT');
  }

  /**
   * To be called before a read. Until the turn ends, all see the state as of one instant, unless a commit was counted
   * meanwhile. Answers the count at which this state is the latest.
   */
  enter(): number {
    // Counted first: a commit in between makes the snapshot newer than its count, so that nothing seen is too old. What
    // is kept by the count must not be mixed with what is read, though.
    const commits = commitsSoFar(this.#commits);
    if (this.#commitsAtBegin === commits) return commits;
    this.end();
    this.#begin.run();
    this.#commitsAtBegin = commits;
    if (!this.#endIsDue) {
      // A snapshot that stayed would keep the log from beginning anew.
      setImmediate(() => {
        this.#endIsDue = false;
        this.end();
      });
    }
    this.#endIsDue = true;
    return commits;
  }

  /** To be called after a read that failed, too: SQLite itself ends the transaction after some errors. */
  end(): void {
    this.#commitsAtBegin = undefined;
    if (this.#database.inTransaction) this.#commit.run();
  }
}

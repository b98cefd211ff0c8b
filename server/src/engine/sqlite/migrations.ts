/** How a database of an earlier release gets the layout of this one. */
import type Database from 'better-sqlite3';
import { crashPoint } from '../crash-point.ts';
import { SQLITE } from './constants.ts';
import { DataDirectoryError } from './data-directory-error.ts';
import { isDiskFull } from './failure.ts';

/** From layout 1 to 2, from 2 to 3, and so on. A step that was released is never changed. */
const STEPS: readonly string[] = [
  `
  CREATE INDEX namespaces_by_id ON namespaces (id, account);
  CREATE TABLE tokens (
    hash BLOB PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created INTEGER NOT NULL,
    account TEXT,
    namespaces TEXT
  ) STRICT, WITHOUT ROWID;
`,
  // A new table, because the text of an altered one would not be that of a fresh one.
  `
  ALTER TABLE tokens RENAME TO tokens_of_layout_2;
  CREATE TABLE tokens (
    hash BLOB PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created INTEGER NOT NULL,
    account TEXT,
    namespaces TEXT,
    read_only INTEGER NOT NULL,
    expires INTEGER,
    requests_per_second INTEGER,
    bytes_per_day INTEGER,
    last_used INTEGER
  ) STRICT, WITHOUT ROWID;
  INSERT INTO tokens (hash, id, name, created, account, namespaces, read_only)
    SELECT hash, id, name, created, account, namespaces, 0 FROM tokens_of_layout_2;
  DROP TABLE tokens_of_layout_2;
`,
];

/** All missing steps in one transaction, so that a crash among them leaves the layout that was there. */
export function migrate(database: Database.Database): void {
  const version = Number(database.pragma('user_version', { simple: true }));
  if (version === SQLITE.schemaVersion) return;
  const run = database.transaction(() => {
    for (const step of STEPS.slice(version - 1)) {
      database.exec(step);
      crashPoint('after-migration-step');
    }
    database.pragma(`user_version = ${SQLITE.schemaVersion}`);
  });
  try {
    run.immediate();
  } catch (error) {
    throw isDiskFull(error) ? noSpace(database.name, error) : error;
  }
}

function noSpace(file: string, cause: unknown): DataDirectoryError {
  const message = `${file} was written by an older Freehold, and the disk is full: there is no space to bring it up to this release. Free some space and start again; nothing was changed.`;
  return new DataDirectoryError('diskFull', message, { cause });
}

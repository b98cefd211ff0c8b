/** A database as the first release left it. */
import Database from 'better-sqlite3';
import { SQLITE } from './constants.ts';
import { databaseFile } from './schema.ts';

const LAYOUT_1 = `
  CREATE TABLE namespaces (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    title TEXT NOT NULL,
    jurisdiction TEXT,
    UNIQUE (account, id),
    UNIQUE (account, title)
  ) STRICT;
  CREATE TABLE pairs (
    id INTEGER PRIMARY KEY,
    namespace INTEGER NOT NULL,
    key BLOB NOT NULL,
    expires INTEGER,
    metadata BLOB,
    value BLOB NOT NULL
  ) STRICT;
  CREATE INDEX pairs_by_key ON pairs (namespace, key, expires, metadata);
  CREATE INDEX pairs_expiring ON pairs (expires) WHERE expires IS NOT NULL;
  CREATE TABLE reclaim (namespace INTEGER PRIMARY KEY) STRICT;
  CREATE TABLE settings (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
`;

const ROWS = `
  INSERT INTO namespaces VALUES (1, 'a', '1', 'one', NULL), (2, 'b', '1', 'one', 'eu'), (4, 'a', '4', 'four', NULL);
  INSERT INTO pairs VALUES
    (1, 1, CAST('key' AS BLOB), NULL, NULL, CAST('value' AS BLOB)),
    (2, 1, CAST('passing' AS BLOB), 1800000000, CAST('{}' AS BLOB), zeroblob(100000)),
    (3, 3, CAST('deleted' AS BLOB), NULL, NULL, x'');
  INSERT INTO reclaim VALUES (3);
  INSERT INTO settings VALUES ('rootTokenHash', zeroblob(32));
`;

export const TABLES_OF_LAYOUT_1 = ['namespaces', 'pairs', 'reclaim', 'settings', 'sqlite_sequence'] as const;

/** Makes one with the namespaces `1` and `4` of the account `a`, `1` of `b`, and a pair `key`. */
export function makeLayout1(directory: string): void {
  const database = new Database(databaseFile(directory));
  database.pragma('page_size = 16384');
  database.pragma('auto_vacuum = INCREMENTAL');
  database.pragma('encoding = "UTF-8"');
  database.pragma('journal_mode = WAL');
  database.exec(`
    BEGIN;
    PRAGMA application_id = ${SQLITE.applicationId};
    PRAGMA user_version = 1;
    ${LAYOUT_1}
    ${ROWS}
    COMMIT
  `);
  database.close();
}

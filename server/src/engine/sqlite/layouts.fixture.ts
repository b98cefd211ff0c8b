/** Databases as earlier releases left them. */
import Database from 'better-sqlite3';
import { SQLITE } from './constants.ts';
import { databaseFile } from './schema.ts';

const SCHEMA_1 = `
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

const ROWS_1 = `
  INSERT INTO namespaces VALUES (1, 'a', '1', 'one', NULL), (2, 'b', '1', 'one', 'eu'), (4, 'a', '4', 'four', NULL);
  INSERT INTO pairs VALUES
    (1, 1, CAST('key' AS BLOB), NULL, NULL, CAST('value' AS BLOB)),
    (2, 1, CAST('passing' AS BLOB), 1800000000, CAST('{}' AS BLOB), zeroblob(100000)),
    (3, 3, CAST('deleted' AS BLOB), NULL, NULL, x'');
  INSERT INTO reclaim VALUES (3);
  INSERT INTO settings VALUES ('rootTokenHash', zeroblob(32));
`;

const SCHEMA_2 = `
  CREATE TABLE namespaces (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    title TEXT NOT NULL,
    jurisdiction TEXT,
    UNIQUE (account, id),
    UNIQUE (account, title)
  ) STRICT;
  CREATE INDEX namespaces_by_id ON namespaces (id, account);
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
  CREATE TABLE tokens (
    hash BLOB PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created INTEGER NOT NULL,
    account TEXT,
    namespaces TEXT
  ) STRICT, WITHOUT ROWID;
`;

const ROWS_2 = `
  ${ROWS_1}
  INSERT INTO tokens VALUES
    (x'01', 'first', 'of an account', 1700000000, 'a', NULL),
    (x'02', 'second', 'of namespaces', 1700000001, 'a', '["1","4"]'),
    (x'03', 'third', 'of everything', 1700000002, NULL, NULL);
`;

interface OldLayout {
  readonly version: number;
  readonly pageBytes: number;
  readonly schema: string;
  readonly rows: string;
  /** Each table with its columns. */
  readonly tables: Readonly<Record<string, string>>;
}

const TABLES_1 = {
  namespaces: 'number, account, id, title, jurisdiction',
  pairs: 'id, namespace, key, expires, metadata, value',
  reclaim: 'namespace',
  settings: 'name, value',
  sqlite_sequence: 'name, seq',
};

const TABLES_2 = { ...TABLES_1, tokens: 'hash, id, name, created, account, namespaces' };

/** Each with the namespaces `1` and `4` of the account `a`, `1` of `b`, and a pair `key`. */
export const OLD_LAYOUTS: readonly OldLayout[] = [
  { version: 1, pageBytes: 16_384, schema: SCHEMA_1, rows: ROWS_1, tables: TABLES_1 },
  { version: 2, pageBytes: 32_768, schema: SCHEMA_2, rows: ROWS_2, tables: TABLES_2 },
];

export function makeOldDatabase(directory: string, { version, pageBytes, schema, rows }: OldLayout): void {
  const database = new Database(databaseFile(directory));
  database.pragma(`page_size = ${pageBytes}`);
  database.pragma('auto_vacuum = INCREMENTAL');
  database.pragma('encoding = "UTF-8"');
  database.pragma('journal_mode = WAL');
  database.exec(`
    BEGIN;
    PRAGMA application_id = ${SQLITE.applicationId};
    PRAGMA user_version = ${version};
    ${schema}
    ${rows}
    COMMIT
  `);
  database.close();
}

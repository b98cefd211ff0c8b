/** A database of the server's own layout and settings, so that no peer has an easier one. */
import { existsSync } from 'node:fs';
import { openForReading, openForWriting } from '../../server/src/engine/sqlite/connection.ts';
import { databaseFile, prepareDatabase } from '../../server/src/engine/sqlite/schema.ts';
import { hashToken } from '../../server/src/tokens.ts';

export type Database = ReturnType<typeof openForWriting>;

/** The database of a directory, made where there is none: with one namespace, and the root token's hash if given. */
export function openToWrite(directory: string, token?: string): Database {
  const isNew = !existsSync(databaseFile(directory));
  prepareDatabase(directory);
  const database = openForWriting(databaseFile(directory));
  if (isNew) {
    database.prepare(`INSERT INTO namespaces (account, id, title) VALUES ('account', 'id', 'title')`).run();
    if (token !== undefined) {
      database.prepare(`INSERT INTO settings (name, value) VALUES ('rootTokenHash', ?)`).run(hashToken(token));
    }
  }
  return database;
}

/** One that a server may have open at the same time. */
export function openToRead(directory: string): Database {
  return openForReading(databaseFile(directory));
}

/** In a statement, the number of the namespace with this account and id. */
export const NUMBER = '(SELECT number FROM namespaces WHERE account = ? AND id = ?)';

/** The number of its first namespace. */
export function firstNamespace(database: Database): number {
  const number = database.prepare<[], number>('SELECT min(number) FROM namespaces').pluck().get();
  if (number === undefined) throw new Error('the database has no namespace');
  return number;
}

/** What a backup tells of itself, in a table that a database in use does not have. */
import type Database from 'better-sqlite3';
import type { DatabaseDigest } from './digest.ts';

export interface BackupNote extends DatabaseDigest {
  /** The instant that it shows, in seconds since the Unix epoch by the server's clock. */
  readonly madeAt: number;
  /** The release of Freehold. */
  readonly madeBy: string;
}

const TABLE = 'backup';

export function writeNote(database: Database.Database, note: BackupNote): void {
  database.exec(`CREATE TABLE ${TABLE} (note TEXT NOT NULL) STRICT`);
  database.prepare(`INSERT INTO ${TABLE} VALUES (?)`).run(JSON.stringify(note));
}

export function hasNote(database: Database.Database): boolean {
  const find = database.prepare<[string]>("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?");
  return find.get(TABLE) !== undefined;
}

/** Undefined where it cannot be read. */
export function readNote(database: Database.Database): BackupNote | undefined {
  const text = database.prepare<[], string>(`SELECT note FROM ${TABLE}`).pluck().get() ?? '';
  try {
    const note: BackupNote = JSON.parse(text);
    return Array.isArray(note.namespaces) ? note : undefined;
  } catch {
    return undefined;
  }
}

export function removeNote(database: Database.Database): void {
  database.exec(`DROP TABLE ${TABLE}`);
}

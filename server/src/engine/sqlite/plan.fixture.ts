/** How SQLite carries out a statement. */
import { onTestFinished } from 'vitest';
import { openForReading } from './connection.ts';
import { databaseFile, prepareDatabase } from './schema.ts';

/** In a database that is made in a directory of its own. */
export function planOf(sql: string, directory: string): string {
  prepareDatabase(directory);
  const database = openForReading(databaseFile(directory));
  onTestFinished(() => void database.close());
  const parameters = Array.from(sql.matchAll(/\?/g), () => null);
  const rows = database.prepare<null[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters);
  return rows.map(({ detail }) => detail).join('\n');
}

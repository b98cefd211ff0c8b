import { expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../conformance/temporary-directory.ts';
import { openForReading } from './connection.ts';
import { ACCOUNTS_OF_NAMESPACE, GET, LIST } from './reader.ts';
import { databaseFile, prepareDatabase } from './schema.ts';
import { TOKEN } from './token-reader.ts';

function planOf(sql: string): string {
  const directory = temporaryDirectory();
  prepareDatabase(directory);
  const database = openForReading(databaseFile(directory));
  onTestFinished(() => void database.close());
  const parameters = Array.from(sql.matchAll(/\?/g), () => null);
  const rows = database.prepare<null[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters);
  return rows.map(({ detail }) => detail).join('\n');
}

it('lists from the index alone, in its order', () => {
  const plan = planOf(LIST);
  expect(plan).toContain('SEARCH pairs USING COVERING INDEX pairs_by_key (namespace=? AND key>? AND key<?)');
  expect(plan).not.toContain('TEMP B-TREE');
});

it('finds a pair by namespace and key', () => {
  const plan = planOf(GET);
  expect(plan).toContain('SEARCH pairs USING INDEX pairs_by_key (namespace=? AND key=?)');
  expect(plan).toContain('SEARCH namespaces USING COVERING INDEX');
});

it('finds the accounts of a namespace in the index alone, in its order', () => {
  const plan = planOf(ACCOUNTS_OF_NAMESPACE);
  expect(plan).toBe('SEARCH namespaces USING COVERING INDEX namespaces_by_id (id=?)');
});

it('finds a token by its hash', () => {
  expect(planOf(TOKEN)).toBe('SEARCH tokens USING PRIMARY KEY (hash=?)');
});

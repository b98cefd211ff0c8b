/**
 * better-sqlite3 alone: the same durable transaction on the same layout, from pairs that lie in memory already. The log
 * is copied into the database outside of the time that is taken.
 */
import { type NewPair, pairsOf, samplePairs, type Workload } from '../workloads.ts';
import { openToWrite } from './database.ts';
import { servePeer, type Task, tasks, timed } from './serve.ts';

const [directory = '.'] = process.argv.slice(2);
const database = openToWrite(directory);

// One statement a pair: measured to take no longer than a look-up and then an insert or an update.
const put = database.prepare<[number, Buffer, number, Buffer, Buffer | null, Buffer]>(`
  INSERT INTO pairs (id, namespace, key, metadata, value)
  VALUES ((SELECT id FROM pairs WHERE namespace = ? AND key = ?), ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET metadata = excluded.metadata, value = excluded.value`);
const remove = database.prepare('DELETE FROM pairs WHERE namespace = ? AND key = ?');
const read = database
  .prepare<[number, Buffer], Buffer>('SELECT value FROM pairs WHERE namespace = ? AND key = ?')
  .pluck();

const putAll = database.transaction((namespace: number, pairs: readonly NewPair[]) => {
  for (const { key, value, metadata } of pairs) put.run(namespace, key, namespace, key, metadata, value);
});

const removeAll = database.transaction((namespace: number, pairs: readonly NewPair[]) => {
  for (const { key } of pairs) remove.run(namespace, key);
});

const putTask: Task = (workload, round, namespace) => {
  const pairs = pairsOf(workload, round);
  const ms = timed(() => putAll.immediate(namespace, pairs));
  check(workload, round, namespace, true);
  return { ms };
};

const deleteTask: Task = (workload, round, namespace) => {
  const pairs = pairsOf(workload, round);
  const ms = timed(() => removeAll.immediate(namespace, pairs));
  check(workload, round, namespace, false);
  return { ms };
};

function check(workload: Workload, round: number, namespace: number, present: boolean): void {
  for (const { key, value } of samplePairs(workload, round)) {
    const stored = read.get(namespace, Buffer.from(key));
    if (present ? !stored?.equals(value) : stored !== undefined) throw new Error(`${key} is not as it should be`);
  }
  database.pragma('wal_checkpoint(TRUNCATE)');
}

servePeer(tasks({ put: putTask, delete: deleteTask }));

/** What a database holds, in figures that can be compared: how many pairs in each namespace, and checksums. */
import { createHash, type Hash } from 'node:crypto';
import type Database from 'better-sqlite3';
import { SQLITE } from './constants.ts';

interface NamespaceDigest {
  readonly account: string;
  readonly id: string;
  readonly title: string;
  /** With those that have expired and were not removed yet. */
  readonly pairs: number;
  /** In hexadecimal digits; see `digestDatabase`. */
  readonly sha256: string;
}

export interface DatabaseDigest {
  /** By account and id. */
  readonly namespaces: readonly NamespaceDigest[];
  /** SHA-256 over what is there beside pairs: namespaces, tokens and settings. */
  readonly recordsSha256: string;
}

interface NumberedNamespace {
  readonly number: number;
  readonly account: string;
  readonly id: string;
  readonly title: string;
}

type PairRow = [key: Buffer, expires: number | null, metadata: Buffer | null, value: Buffer];

/** Tables whose rows are records, in their order. */
const RECORDS = [
  'SELECT number, account, id, title, jurisdiction FROM namespaces ORDER BY number',
  'SELECT namespace FROM reclaim ORDER BY namespace',
  'SELECT name, value FROM settings ORDER BY name',
  'SELECT * FROM tokens ORDER BY hash',
];
const TOKENS = /FROM tokens /;

/** Stands for metadata that are not there. */
const NO_LENGTH = 0xffff_ffff;
const NEVER = -1n;
const HEAD_BYTES = 20;

/**
 * The checksum of a namespace is SHA-256 over its pairs, in ascending order of their keys' bytes. A pair is 20 bytes,
 * the most significant first: the length of its key, that of its metadata (2^32 - 1 for none) and that of its value in 4
 * each, its expiry in 8 (seconds since the Unix epoch, -1 for none); then key, metadata and value.
 *
 * `onStep` is told now and then how many bytes were read since the last time, and may block or throw.
 */
export function digestDatabase(database: Database.Database, onStep: (bytes: number) => void): DatabaseDigest {
  const namespaces = database
    .prepare<[], NumberedNamespace>('SELECT number, account, id, title FROM namespaces ORDER BY account, id')
    .all();
  return {
    namespaces: namespaces.map(({ number, ...named }) => ({ ...named, ...digestPairs(database, number, onStep) })),
    recordsSha256: digestRecords(database),
  };
}

function digestPairs(
  database: Database.Database,
  namespace: number,
  onStep: (bytes: number) => void,
): { pairs: number; sha256: string } {
  const hash = createHash('sha256');
  const select = 'SELECT key, expires, metadata, value FROM pairs WHERE namespace = ? ORDER BY key';
  let pairs = 0;
  let bytes = 0;
  for (const row of database.prepare<[number], PairRow>(select).raw().iterate(namespace)) {
    pairs += 1;
    bytes += addPair(hash, row);
    if (bytes < SQLITE.digestStepBytes) continue;
    onStep(bytes);
    bytes = 0;
  }
  onStep(bytes);
  return { pairs, sha256: hash.digest('hex') };
}

function addPair(hash: Hash, [key, expires, metadata, value]: PairRow): number {
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  head.writeUInt32BE(key.length, 0);
  head.writeUInt32BE(metadata?.length ?? NO_LENGTH, 4);
  head.writeUInt32BE(value.length, 8);
  head.writeBigInt64BE(expires === null ? NEVER : BigInt(expires), 12);
  hash.update(head).update(key);
  if (metadata !== null) hash.update(metadata);
  hash.update(value);
  return HEAD_BYTES + key.length + (metadata?.length ?? 0) + value.length;
}

function digestRecords(database: Database.Database): string {
  const hash = createHash('sha256');
  const layout = Number(database.pragma('user_version', { simple: true }));
  for (const select of RECORDS) {
    // The first layout has no tokens.
    if (layout < 2 && TOKENS.test(select)) continue;
    for (const row of database.prepare<[], unknown[]>(select).raw().iterate()) hash.update(`${JSON.stringify(row)}\n`);
  }
  return hash.digest('hex');
}

/**
 * The pairs of a range, in steps. SQLite itself puts keys, metadata and short values together, since to bring a row into
 * JavaScript costs more than all else about it; longer values are read one by one, so that a step ends in time.
 */
import type Database from 'better-sqlite3';
import type { Scan, ScanRange } from '../../kv/engine.ts';
import { OFFSETS_PER_PAIR, type Puts } from '../../kv/puts.ts';
import { SQLITE } from './constants.ts';
import type { HeldSnapshot } from './held-snapshots.ts';
import { behind, keyRange } from './key-range.ts';

/**
 * How many pairs were looked at and the last key of them; then the bytes of those that have not expired, and five numbers
 * for each: the lengths of key and metadata, its expiry or 0, the length of its value, and its row. The inner query
 * counts what has expired too, lest a step that meets nothing else should last; it hands on no value that is long.
 */
function stepSql(value: 'value' | "''"): string {
  return `
    SELECT
      count(*),
      max(key),
      CAST(group_concat(concat(key, metadata, short), '') FILTER (WHERE visible) AS BLOB),
      concat('[', group_concat(
        concat(length(key), ',', ifnull(length(metadata), 0), ',', ifnull(expires, 0), ',', bytes, ',', id)
      ) FILTER (WHERE visible), ']')
    FROM (
      SELECT
        id, key, metadata, expires,
        length(${value}) AS bytes,
        iif(length(${value}) <= ${SQLITE.scanTogetherBytesMax}, ${value}, '') AS short,
        (expires IS NULL OR expires > ?) AS visible
      FROM pairs INDEXED BY pairs_by_key
      WHERE namespace = CAST(? AS INTEGER) AND key >= ? AND key < ?
      ORDER BY key
      LIMIT CAST(? AS INTEGER)
    )`;
}

export const STEP_WITH_VALUES = stepSql('value');
export const STEP_WITHOUT_VALUES = stepSql("''");

const NUMBERS_PER_PAIR = 5;

type StepParameters = [now: number, namespace: number, from: Buffer, before: Buffer, limit: number];
type StepRow = [count: number, lastKey: Buffer | null, bytes: Buffer | null, numbers: string];

export class PairScan implements Scan {
  readonly #snapshot: HeldSnapshot;
  readonly #step: Database.Statement<StepParameters, StepRow>;
  readonly #value: Database.Statement<[row: number], Buffer>;
  readonly #before: Buffer;
  #from: Buffer;
  #pairsAtOnce: number = SQLITE.scanStepPairsMin;
  #isDone = false;

  constructor(snapshot: HeldSnapshot, { prefix, after, values }: ScanRange) {
    const database = snapshot.connection();
    this.#snapshot = snapshot;
    this.#step = database.prepare<StepParameters, StepRow>(values ? STEP_WITH_VALUES : STEP_WITHOUT_VALUES).raw();
    this.#value = database.prepare<[number], Buffer>('SELECT value FROM pairs WHERE id = ?').pluck();
    const { from, before } = keyRange(prefix, after);
    this.#from = from;
    this.#before = before;
  }

  async next(): Promise<Puts | undefined> {
    while (!this.#isDone) {
      // Between two steps others have their turn.
      await new Promise(setImmediate);
      this.#snapshot.connection();
      const puts = this.#takeStep();
      if (puts !== undefined) return puts;
    }
    this.close();
    return undefined;
  }

  close(): void {
    this.#snapshot.close();
  }

  #takeStep(): Puts | undefined {
    const { namespace, now } = this.#snapshot.look;
    const limit = this.#pairsAtOnce;
    const endMs = performance.now() + SQLITE.scanStepMs;
    const row = this.#step.get(now, namespace, this.#from, this.#before, limit);
    if (row === undefined) throw new Error('an aggregate without a row');
    const [count, lastKey, bytes, numbers] = row;
    const step = new Step(bytes ?? Buffer.alloc(0), JSON.parse(numbers));
    const taken = step.take(id => this.#value.get(id), endMs);
    const isWhole = taken === step.pairCount;
    if (lastKey !== null) this.#from = behind(isWhole ? lastKey : step.lastKey);
    this.#isDone = isWhole && count < limit;
    this.#expect(isWhole ? count : taken, isWhole && performance.now() < endMs, step.byteCount);
    return taken === 0 ? undefined : step.toPuts();
  }

  /** Twice as many the next time, where that promises to be in time, and as many as weigh what a step may find. */
  #expect(pairs: number, wasInTime: boolean, bytes: number): void {
    const inTime = wasInTime ? pairs * 2 : pairs / 2;
    const inBytes = (pairs * SQLITE.scanStepBytes) / Math.max(bytes, 1);
    const wanted = Math.ceil(Math.min(inTime, inBytes, SQLITE.scanStepPairsMax));
    this.#pairsAtOnce = Math.max(wanted, SQLITE.scanStepPairsMin);
  }
}

/** What one step has found, on its way into one arena: short values behind their keys, the longer ones behind all else. */
class Step {
  readonly #bytes: Buffer;
  readonly #numbers: readonly number[];
  readonly #offsets: Uint32Array<ArrayBuffer>;
  readonly #expiresAt: Float64Array<ArrayBuffer>;
  readonly #longValues: Buffer[] = [];
  #taken = 0;
  #end: number;

  constructor(bytes: Buffer, numbers: readonly number[]) {
    this.#bytes = bytes;
    this.#numbers = numbers;
    this.#end = bytes.length;
    this.#offsets = new Uint32Array(this.pairCount * OFFSETS_PER_PAIR);
    this.#expiresAt = new Float64Array(this.pairCount);
  }

  get pairCount(): number {
    return this.#numbers.length / NUMBERS_PER_PAIR;
  }

  /** Of the arena. */
  get byteCount(): number {
    return this.#end;
  }

  /** Of those that were taken. */
  get lastKey(): Buffer {
    const at = (this.#taken - 1) * OFFSETS_PER_PAIR;
    return this.#bytes.subarray(this.#offsets[at], this.#offsets[at + 1]);
  }

  /** Takes the pairs, one at least, until it would be too much or last too long. Answers how many that were. */
  take(readValue: (row: number) => Buffer | undefined, endMs: number): number {
    let position = 0;
    for (let pair = 0; pair < this.pairCount; pair++) {
      const at = pair * NUMBERS_PER_PAIR;
      const [keyBytes = 0, metadataBytes = 0, expires = 0, valueBytes = 0, row = 0] = this.#numbers.slice(at, at + 5);
      const isLong = valueBytes > SQLITE.scanTogetherBytesMax;
      if (isLong && pair > 0 && (this.#end >= SQLITE.scanStepBytes || performance.now() >= endMs)) break;
      const first = pair * OFFSETS_PER_PAIR;
      this.#expiresAt[pair] = expires;
      this.#offsets[first] = position;
      this.#offsets[first + 1] = position += keyBytes;
      this.#offsets[first + 2] = position;
      this.#offsets[first + 3] = position += metadataBytes;
      this.#offsets[first + 4] = isLong ? this.#end : position;
      if (isLong) this.#end += this.#takeLong(readValue(row));
      else position += valueBytes;
      this.#offsets[first + 5] = isLong ? this.#end : position;
      this.#taken = pair + 1;
    }
    return this.#taken;
  }

  toPuts(): Puts {
    const arena = new Uint8Array(this.#end);
    arena.set(this.#bytes);
    let position = this.#bytes.length;
    for (const value of this.#longValues) {
      arena.set(value, position);
      position += value.length;
    }
    return {
      arena,
      offsets: this.#offsets.slice(0, this.#taken * OFFSETS_PER_PAIR),
      expiresAt: this.#expiresAt.slice(0, this.#taken),
    };
  }

  #takeLong(value: Buffer | undefined): number {
    if (value === undefined) throw new Error('a pair vanished inside a snapshot');
    this.#longValues.push(value);
    return value.length;
  }
}

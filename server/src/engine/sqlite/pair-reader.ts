/** Pairs by their keys. A way that asks for less is worth a statement of its own: most pairs are a short text alone. */
import type Database from 'better-sqlite3';
import { EngineError, type StoredPair, type StoredValue } from '../../kv/engine.ts';
import { textsJson } from '../../kv/texts.ts';
import { SQLITE } from './constants.ts';
import { Kept } from './kept.ts';
import type { Look } from './look.ts';

const VISIBLE = 'namespace = ? AND key = CAST(? AS BLOB) AND (expires IS NULL OR expires > ?)';

/** As text where it is short, since a string is made in a third of the time of a buffer; NULL where it is too long. */
function valueUpTo(bytesMax: string | number): string {
  return `
    CASE
      WHEN length(pairs.value) <= ${SQLITE.textBytesMax} THEN CAST(pairs.value AS TEXT)
      WHEN length(pairs.value) <= ${bytesMax} THEN pairs.value
    END`;
}

const VALUE = valueUpTo(SQLITE.unsharedValueBytesMax);

/** The value where there is nothing else to the pair and it is not shared, otherwise 0. */
export const BARE = `SELECT iif(coalesce(expires, metadata) IS NULL, ifnull(${VALUE}, 0), 0) FROM pairs WHERE ${VISIBLE}`;

const WHOLE = `SELECT ${VALUE}, CAST(metadata AS TEXT), expires FROM pairs WHERE ${VISIBLE}`;

const BYTES = 'SELECT value FROM pairs WHERE namespace = ? AND key = CAST(? AS BLOB)';

// Without the cast SQLite takes the plan to depend on the number, and makes it anew each time: 10 of 70 µs for 100 keys.
const ASKED = `
  FROM json_each(?) AS asked
  LEFT JOIN pairs
    ON pairs.namespace = CAST(? AS INTEGER) AND pairs.key = CAST(asked.value AS BLOB)
      AND (pairs.expires IS NULL OR pairs.expires > ?)`;

/** A row a key, in their order. */
export const MANY = `
  SELECT length(pairs.value), ${valueUpTo('?')}, CAST(pairs.metadata AS TEXT), pairs.expires ${ASKED}`;

/** What `textsJson` makes; NULL where a value is longer than the first parameters say. */
export const TEXTS = `
  SELECT iif(
    max(length(pairs.value)) > ?,
    NULL,
    CAST(json_group_object(asked.value, CAST(iif(length(pairs.value) > ?, NULL, pairs.value) AS TEXT)) AS BLOB)
  ) ${ASKED}`;

type PairParameters = [namespace: number, key: string, now: number];
type WholeRow = [value: StoredValue | null, metadata: string | null, expires: number | null];
type AskedParameters = [keys: string, namespace: number, now: number];
type ManyRow = [bytes: number | null, ...WholeRow];

/** Every method is to be called in a snapshot. */
export class PairReader {
  readonly #bare: Database.Statement<PairParameters, StoredValue | 0>;
  readonly #whole: Database.Statement<PairParameters, WholeRow>;
  readonly #bytes: Database.Statement<[namespace: number, key: string], Buffer>;
  readonly #many: Database.Statement<[bytesMax: number, ...AskedParameters], ManyRow>;
  readonly #texts: Database.Statement<[bytesMax: number, again: number, ...AskedParameters], Buffer | null>;
  readonly #version: Database.Statement<[], number>;
  readonly #shared = new Kept<WeakRef<Buffer>>(SQLITE.sharedValuesKept);

  constructor(database: Database.Database) {
    this.#version = database.prepare<[], number>('PRAGMA data_version').pluck();
    this.#bare = database.prepare<PairParameters, StoredValue | 0>(BARE).pluck();
    this.#whole = database.prepare<PairParameters, WholeRow>(WHOLE).raw();
    this.#bytes = database.prepare<[number, string], Buffer>(BYTES).pluck();
    this.#many = database.prepare<[number, ...AskedParameters], ManyRow>(MANY).raw();
    this.#texts = database.prepare<[number, number, ...AskedParameters], Buffer | null>(TEXTS).pluck();
  }

  get(look: Look, key: string): StoredPair | undefined {
    const { namespace, now } = look;
    const bare = this.#bare.get(namespace, key, now);
    if (bare === undefined) return undefined;
    if (bare !== 0) return { value: this.#asStored(bare, look, key) };
    const whole = this.#whole.get(namespace, key, now);
    return whole === undefined ? undefined : this.#pairOf(whole, look, key);
  }

  getMany(look: Look, keys: readonly string[], valueBytesMax: number): (StoredPair | undefined)[] {
    const asked = JSON.stringify(keys);
    const rows = this.#many.all(bytesOfEach(keys, valueBytesMax), asked, look.namespace, look.now);
    let valueBytes = 0;
    return keys.map((key, index) => {
      const [bytes, ...whole] = rows[index] ?? MISSING;
      if (bytes === null) return undefined;
      valueBytes += bytes;
      if (valueBytes > valueBytesMax) throw new EngineError('valuesTooLarge');
      return this.#pairOf(whole, look, key);
    });
  }

  getTexts(look: Look, keys: readonly string[], valueBytesMax: number): Buffer {
    const asked = JSON.stringify(keys);
    // SQLite cuts a name off at U+0000.
    if (!asked.includes('\\u0000')) {
      const bytesMax = bytesOfEach(keys, valueBytesMax);
      const json = this.#texts.get(bytesMax, bytesMax, asked, look.namespace, look.now);
      if (json instanceof Buffer) return json;
    }
    const pairs = this.getMany(look, keys, valueBytesMax);
    return textsJson(
      keys,
      pairs.map(pair => pair?.value),
    );
  }

  #pairOf([value, metadata, expires]: WholeRow, look: Look, key: string): StoredPair {
    return {
      value: value === null ? this.#sharedValue(look, key) : this.#asStored(value, look, key),
      ...(metadata !== null && { metadata }),
      ...(expires !== null && { expiresAt: expires }),
    };
  }

  /** What is not UTF-8 has U+FFFD in its text; so may what is. */
  #asStored(value: StoredValue, look: Look, key: string): StoredValue {
    return typeof value === 'string' && value.includes('\ufffd') ? this.#readBytes(look, key) : value;
  }

  /**
   * Large values are read once for all to whom they are being sent, and forgotten with the last of them. They are kept
   * by the version of the snapshot itself: the count of commits is raised a moment after a commit, and in that moment
   * an old value would be shown with its new metadata.
   */
  #sharedValue(look: Look, key: string): Buffer {
    const version = this.#version.get() ?? 0;
    const name = `${look.namespace} ${key}`;
    const known = this.#shared.get(name, version)?.deref();
    if (known !== undefined) return known;
    const value = this.#readBytes(look, key);
    this.#shared.set(name, new WeakRef(value), version);
    return value;
  }

  #readBytes({ namespace }: Look, key: string): Buffer {
    const value = this.#bytes.get(namespace, key);
    if (value === undefined) throw new Error('a pair vanished inside a snapshot');
    return value;
  }
}

const MISSING: ManyRow = [null, null, null, null];

/** Values that are no longer are together not too large. */
function bytesOfEach(keys: readonly string[], valueBytesMax: number): number {
  return Math.floor(valueBytesMax / keys.length);
}

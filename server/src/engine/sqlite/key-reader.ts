/** Pages of keys, which SQLite itself turns into JSON: to bring a row into JavaScript costs more than all else about it. */
import type Database from 'better-sqlite3';
import type { KeyListing, KeyPage } from '../../kv/engine.ts';
import type { MetadataForm } from '../../kv/listed-keys.ts';
import { keyRange } from './key-range.ts';
import type { Look } from './look.ts';

// Without the cast SQLite takes the plan to depend on the number, and makes it anew for every page: 8 µs a statement.
const IN_RANGE = `
  FROM pairs INDEXED BY pairs_by_key
  WHERE namespace = CAST(? AS INTEGER) AND key >= ? AND key < ? AND (expires IS NULL OR expires > ?)`;

/** The last key of a page and the first one behind it; fewer where there are not so many. */
export const ENDS = `SELECT CAST(key AS TEXT) ${IN_RANGE} ORDER BY key LIMIT 2 OFFSET ?`;

const COUNT = `SELECT count(*) ${IN_RANGE}`;

/**
 * All keys of a range, one at least, as `listedKeysJson` makes them. They come in the order of the index; to ask for
 * that order would sort them once more. Nor is there a limit, which would pass every row on through a subquery.
 */
export function pageJson(metadataForm: MetadataForm): string {
  const name = 'json_quote(CAST(key AS TEXT))';
  const metadata = `',"metadata":' || ${metadataForm === 'value' ? 'metadata' : 'json_quote(CAST(metadata AS TEXT))'}`;
  return `
    SELECT CAST(concat('[{"name":', group_concat(
      CASE
        WHEN expires IS NOT NULL THEN concat(${name}, ',"expiration":', expires, iif(metadata IS NULL, '', ${metadata}))
        WHEN metadata IS NOT NULL THEN ${name} || ${metadata}
        ELSE ${name}
      END,
      '},{"name":'
    ), '}]') AS BLOB)
    ${IN_RANGE}`;
}

type RangeParameters = [namespace: number, from: Buffer, before: Buffer, now: number];

export class KeyReader {
  readonly #ends: Database.Statement<[...RangeParameters, offset: number], string>;
  readonly #count: Database.Statement<RangeParameters, number>;
  readonly #json: Readonly<Record<MetadataForm, Database.Statement<RangeParameters, Buffer>>>;

  constructor(database: Database.Database) {
    const jsonStatement = (form: MetadataForm): Database.Statement<RangeParameters, Buffer> =>
      database.prepare<RangeParameters, Buffer>(pageJson(form)).pluck();
    this.#ends = database.prepare<[...RangeParameters, number], string>(ENDS).pluck();
    this.#count = database.prepare<RangeParameters, number>(COUNT).pluck();
    this.#json = { value: jsonStatement('value'), text: jsonStatement('text') };
  }

  list({ namespace, now }: Look, { prefix, after, limit, metadataForm }: KeyPage): KeyListing {
    const { from, before } = keyRange(prefix, after);
    const [lastKey, nextKey] = this.#ends.all(namespace, from, before, now, limit - 1);
    const count = lastKey === undefined ? (this.#count.get(namespace, from, before, now) ?? 0) : limit;
    const end = nextKey === undefined ? before : Buffer.from(nextKey);
    const json = count === 0 ? undefined : this.#json[metadataForm].get(namespace, from, end, now);
    const more = lastKey !== undefined && nextKey !== undefined;
    return { json: json ?? Buffer.from('[]'), count, ...(more && { lastKey }) };
  }
}

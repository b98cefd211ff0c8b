/** Moves the pairs of a namespace that only the REST API reaches into one of a Freehold server, page by page. */
import { bulkItem } from './bulk-items.ts';
import { TRANSFER } from './constants.ts';
import { importBulk } from './import-bulk.ts';
import { type KeyOfPage, type ListedPage, listPage } from './listed-page.ts';
import { addCounts, type MoveOptions, type Place } from './move.ts';
import { PairValues } from './pair-values.ts';
import { type MoveCounts, NOTHING_MOVED } from './resume-state.ts';

/** What has moved in all. Throws an `OperatorError`; what `keep` was told by then is done. */
export async function pullPairs({ from, to, reached, keep }: MoveOptions): Promise<MoveCounts> {
  const pull = new PagePull(from, to);
  let { counts } = reached;
  let cursor = reached.place === '' ? undefined : reached.place;
  let page = await listPage(from.api, from.namespace, cursor);
  for (;;) {
    const next = pageAfter(from, page);
    counts = addCounts(counts, await pull.move(page.keys));
    if (page.cursor === undefined) return counts;
    cursor = page.cursor;
    await keep({ ...reached, place: cursor, counts });
    const listed = await next;
    if ('error' in listed) throw listed.error;
    page = listed.page;
  }
}

type NextPage = { readonly page: ListedPage } | { readonly error: unknown };

/** Is asked for while the values of the one before it are on their way, and rejects only when its turn has come. */
async function pageAfter({ api, namespace }: Place, { cursor }: ListedPage): Promise<NextPage> {
  if (cursor === undefined) return { page: { keys: [] } };
  try {
    return { page: await listPage(api, namespace, cursor) };
  } catch (error) {
    return { error };
  }
}

class PagePull {
  readonly #values: PairValues;
  readonly #to: Place;

  constructor(from: Place, to: Place) {
    this.#values = new PairValues(from.api, from.namespace);
    this.#to = to;
  }

  /** When all of its pairs are written. */
  async move(keys: readonly KeyOfPage[]): Promise<MoveCounts> {
    const left = [...keys];
    const lanes = Array.from({ length: TRANSFER.readsInFlight }, () => this.#moveSome(left));
    const results = await Promise.allSettled(lanes);
    let counts: MoveCounts = { ...NOTHING_MOVED, found: keys.length };
    for (const result of results) {
      if (result.status === 'rejected') throw result.reason;
      counts = addCounts(counts, result.value);
    }
    return counts;
  }

  async #moveSome(left: KeyOfPage[]): Promise<MoveCounts> {
    let counts = NOTHING_MOVED;
    try {
      while (left.length > 0)
        counts = addCounts(counts, await this.#moveTogether(left.splice(0, this.#values.keysAtOnce)));
      return counts;
    } catch (error) {
      // Nothing more is begun for the others' sake.
      left.length = 0;
      throw error;
    }
  }

  async #moveTogether(keys: readonly KeyOfPage[]): Promise<MoveCounts> {
    const values = await this.#values.read(keys.map(({ name }) => name));
    const there = keys.flatMap(key => {
      const value = values.get(key.name);
      return value === undefined ? [] : [{ key, value }];
    });
    const gone = keys.length - there.length;
    if (there.length === 0) return { ...NOTHING_MOVED, gone };
    const body = Buffer.from(`[${there.map(({ key, value }) => bulkItem(key, value)).join(',')}]`);
    const { api, namespace } = this.#to;
    const { written, expired } = await importBulk(api, namespace, body, 'overwrite');
    const expiring = there.filter(({ key }) => key.expiration !== undefined).length - expired;
    return { ...NOTHING_MOVED, written, expiring, expired, gone };
  }
}

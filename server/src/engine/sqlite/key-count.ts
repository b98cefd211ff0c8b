/** How many keys there are in a range, counted in steps. */
import { SQLITE } from './constants.ts';
import type { HeldSnapshot } from './held-snapshots.ts';
import { behind, keyRange } from './key-range.ts';

/** Of so many keys, how many have not expired; and the last of all. */
export const COUNT_STEP = `
  SELECT count(*), count(*) FILTER (WHERE expires IS NULL OR expires > ?), max(key)
  FROM (
    SELECT key, expires
    FROM pairs INDEXED BY pairs_by_key
    WHERE namespace = CAST(? AS INTEGER) AND key >= ? AND key < ?
    ORDER BY key
    LIMIT ${SQLITE.countStepKeys}
  )`;

type StepParameters = [now: number, namespace: number, from: Buffer, before: Buffer];
type StepRow = [all: number, visible: number, lastKey: Buffer | null];

export async function countKeys(snapshot: HeldSnapshot, prefix: string): Promise<number> {
  const { namespace, now } = snapshot.look;
  const step = snapshot.connection().prepare<StepParameters, StepRow>(COUNT_STEP).raw();
  let { from, before } = keyRange(prefix, '');
  for (let count = 0; ; ) {
    // Between two steps others have their turn.
    await new Promise(setImmediate);
    snapshot.connection();
    const [all = 0, visible = 0, lastKey = null] = step.get(now, namespace, from, before) ?? [];
    count += visible;
    if (lastKey === null || all < SQLITE.countStepKeys) return count;
    from = behind(lastKey);
  }
}

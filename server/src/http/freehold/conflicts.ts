/** What becomes of pairs that meet others under their keys. */
import type { Changes, Conflicts } from '../../kv/engine.ts';
import { kvError, shownKey } from '../../kv/errors.ts';
import type { OnConflict } from '../../kv/transfer-request.ts';

const FOR_ENGINE: Readonly<Record<OnConflict, Changes['onConflict']>> = {
  overwrite: undefined,
  skip: 'skip',
  fail: 'refuse',
};

/** As an engine is told. */
export function onConflictOf(asked: OnConflict): Pick<Changes, 'onConflict'> {
  const onConflict = FOR_ENGINE[asked];
  return onConflict === undefined ? {} : { onConflict };
}

export function keysTaken({ count, keys }: Conflicts): Error {
  return kvError('keysTaken', { count, keys: keys.map(key => JSON.stringify(shownKey(key))).join(', ') });
}

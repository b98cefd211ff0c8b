/** Keys as bytes in one arena: as such they cross threads and are put in order. `Puts` are that, too. */
export interface KeyArena {
  readonly arena: Uint8Array<ArrayBuffer>;
  /** Start and end of a key in the arena, then whatever else there is to it. */
  readonly offsets: Uint32Array<ArrayBuffer>;
}

/** Positions in the offsets of packed keys that one key takes. */
export const OFFSETS_PER_KEY = 2;

/** Of UTF-8, for each unit of a string. */
const BYTES_PER_UNIT_MAX = 3;

/** Copies keys into a fresh buffer, which their offsets share. */
export function packKeys(keys: readonly string[]): KeyArena {
  let position = keys.length * OFFSETS_PER_KEY * Uint32Array.BYTES_PER_ELEMENT;
  const bytesMax = keys.reduce((bytes, key) => bytes + key.length * BYTES_PER_UNIT_MAX, position);
  const buffer = new ArrayBuffer(bytesMax);
  const offsets = new Uint32Array(buffer, 0, keys.length * OFFSETS_PER_KEY);
  const arena = Buffer.from(buffer);
  let offset = 0;
  for (const key of keys) {
    offsets[offset++] = position;
    offsets[offset++] = position += arena.write(key, position);
  }
  return { arena: new Uint8Array(buffer), offsets };
}

export function keyCount({ offsets }: KeyArena): number {
  return offsets.length / OFFSETS_PER_KEY;
}

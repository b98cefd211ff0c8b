/**
 * Pairs to be written, as one arena of bytes and tables of numbers: it crosses threads by transfer, in one step for
 * ten thousand pairs, where an object a pair would be copied one by one.
 */
export interface Puts {
  /** Bytes of keys, metadata texts and values, in any order and with gaps; the whole of its buffer. */
  readonly arena: Uint8Array<ArrayBuffer>;
  /** Six positions in the arena a pair: start and end of its key, its metadata (empty: none) and its value. */
  readonly offsets: Uint32Array<ArrayBuffer>;
  /** A number a pair: seconds since the Unix epoch, or 0 for a pair that does not expire. */
  readonly expiresAt: Float64Array<ArrayBuffer>;
}

/** Positions in `Puts.offsets` that one pair takes. */
export const OFFSETS_PER_PAIR = 6;

export interface Pair {
  readonly key: string;
  readonly value: Uint8Array;
  readonly metadata?: string | undefined;
  readonly expiresAt?: number | undefined;
}

/** Copies pairs into a fresh arena. For few pairs; a bulk is read straight into one. */
export function packPairs(pairs: readonly Pair[]): Puts {
  const parts = pairs.flatMap(({ key, metadata = '', value }) => [Buffer.from(key), Buffer.from(metadata), value]);
  const arena = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0));
  const offsets = new Uint32Array(pairs.length * OFFSETS_PER_PAIR);
  let position = 0;
  for (const [index, part] of parts.entries()) {
    arena.set(part, position);
    offsets[index * 2] = position;
    position += part.length;
    offsets[index * 2 + 1] = position;
  }
  return { arena, offsets, expiresAt: Float64Array.from(pairs, pair => pair.expiresAt ?? 0) };
}

export function pairCount(puts: Puts): number {
  return puts.expiresAt.length;
}

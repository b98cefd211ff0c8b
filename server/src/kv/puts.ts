/**
 * Pairs to be written, as one arena of bytes and tables of numbers: it crosses threads by transfer, in one step for
 * ten thousand pairs, where an object a pair would be copied one by one.
 */
export interface Puts {
  /** Bytes of keys, metadata texts and values, in any order and with gaps; begins where its buffer does, and owns it. */
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

/** Of UTF-8, for each unit of a string. */
const BYTES_PER_UNIT_MAX = 3;

/** Copies pairs into a fresh buffer, which their tables share. For few pairs; a bulk is read straight into its arena. */
export function packPairs(pairs: readonly Pair[]): Puts {
  const offsetsStart = pairs.length * Float64Array.BYTES_PER_ELEMENT;
  let position = offsetsStart + pairs.length * OFFSETS_PER_PAIR * Uint32Array.BYTES_PER_ELEMENT;
  const buffer = new ArrayBuffer(position + pairs.reduce((bytes, pair) => bytes + bytesMaxOf(pair), 0));
  const expiresAt = new Float64Array(buffer, 0, pairs.length);
  const offsets = new Uint32Array(buffer, offsetsStart, pairs.length * OFFSETS_PER_PAIR);
  const arena = Buffer.from(buffer);
  let offset = 0;
  for (const [index, { key, metadata = '', value, expiresAt: expires = 0 }] of pairs.entries()) {
    expiresAt[index] = expires;
    offsets[offset++] = position;
    offsets[offset++] = position += arena.write(key, position);
    offsets[offset++] = position;
    if (metadata !== '') position += arena.write(metadata, position);
    offsets[offset++] = position;
    offsets[offset++] = position;
    arena.set(value, position);
    offsets[offset++] = position += value.length;
  }
  return { arena: new Uint8Array(buffer), offsets, expiresAt };
}

function bytesMaxOf({ key, metadata = '', value }: Pair): number {
  return (key.length + metadata.length) * BYTES_PER_UNIT_MAX + value.length;
}

const PLACES = { key: 0, metadata: 2, value: 4 } as const;

/** Bytes of a pair, where they lie in the arena. */
export function partOf({ arena, offsets }: Puts, pair: number, part: keyof typeof PLACES): Uint8Array<ArrayBuffer> {
  const at = pair * OFFSETS_PER_PAIR + PLACES[part];
  return arena.subarray(offsets[at], offsets[at + 1]);
}

export function keyOf(puts: Puts, pair: number): string {
  const { buffer, byteOffset, length } = partOf(puts, pair, 'key');
  return Buffer.from(buffer, byteOffset, length).toString();
}

/** Some of the pairs, by their numbers, in the same arena. */
export function selectPairs({ arena, offsets, expiresAt }: Puts, pairs: readonly number[]): Puts {
  const selected = new Uint32Array(pairs.length * OFFSETS_PER_PAIR);
  for (const [index, pair] of pairs.entries()) {
    const at = pair * OFFSETS_PER_PAIR;
    selected.set(offsets.subarray(at, at + OFFSETS_PER_PAIR), index * OFFSETS_PER_PAIR);
  }
  return { arena, offsets: selected, expiresAt: Float64Array.from(pairs, pair => expiresAt[pair] ?? 0) };
}

export function pairCount(puts: Puts): number {
  return puts.expiresAt.length;
}

/** What keys, metadata and values weigh, without the gaps between them. */
export function putBytes({ offsets }: Puts): number {
  let bytes = 0;
  for (let at = 0; at < offsets.length; at += 2) bytes += (offsets[at + 1] ?? 0) - (offsets[at] ?? 0);
  return bytes;
}

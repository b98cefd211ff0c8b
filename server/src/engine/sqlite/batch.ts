/** The requests of one turn of the event loop in the form in which they cross threads. */
import { OFFSETS_PER_PAIR, type Puts, pairCount } from '../../kv/puts.ts';
import { SQLITE } from './constants.ts';
import type { PairRange, Request, WriterCommand } from './messages.ts';

type RequestsCommand = Extract<WriterCommand, { kind: 'requests' }>;

export interface Batch {
  readonly command: RequestsCommand;
  /** Buffers that are handed over instead of being copied. */
  readonly transfer: ArrayBuffer[];
}

/** Joins small arenas into one, because a buffer that crosses threads costs more than copying it; large ones stay. */
export function packBatch(requests: readonly Request[]): Batch {
  const transfer = new Set<ArrayBuffer>();
  const small: Puts[] = [];
  let first = 0;
  const packed = requests.map(({ number, change }): Request => {
    if (change.kind !== 'write' || change.puts === undefined) return { number, change };
    const { puts, ...rest } = change;
    if (isLarge(puts)) {
      addBuffers(transfer, puts);
      return { number, change };
    }
    const merged = { first, count: pairCount(puts) };
    small.push(puts);
    first += merged.count;
    return { number, change: { ...rest, merged } };
  });
  const mergedPuts = small.length === 0 ? undefined : mergePuts(small);
  if (mergedPuts !== undefined) addBuffers(transfer, mergedPuts);
  return { command: { kind: 'requests', requests: packed, mergedPuts }, transfer: [...transfer] };
}

/** The requests of a batch, each with its puts again. Those with `merged` share an arena. */
export function unpackBatch({ requests, mergedPuts }: RequestsCommand): Request[] {
  return requests.map(request => {
    const { number, change } = request;
    if (change.kind !== 'write' || change.merged === undefined || mergedPuts === undefined) return request;
    return { number, change: { ...change, puts: slicePuts(mergedPuts, change.merged) } };
  });
}

function isLarge(puts: Puts): boolean {
  return puts.arena.length >= SQLITE.arenaTransferBytesMin || pairCount(puts) >= SQLITE.bulkChangesMin;
}

function addBuffers(buffers: Set<ArrayBuffer>, { arena, offsets, expiresAt }: Puts): void {
  buffers.add(arena.buffer).add(offsets.buffer).add(expiresAt.buffer);
}

function mergePuts(parts: readonly Puts[]): Puts {
  const bytes = parts.reduce((sum, part) => sum + part.arena.length, 0);
  const count = parts.reduce((sum, part) => sum + pairCount(part), 0);
  const arena = new Uint8Array(bytes);
  const offsets = new Uint32Array(count * OFFSETS_PER_PAIR);
  const expiresAt = new Float64Array(count);
  let position = 0;
  let pair = 0;
  for (const part of parts) {
    arena.set(part.arena, position);
    for (const [index, offset] of part.offsets.entries()) offsets[pair * OFFSETS_PER_PAIR + index] = position + offset;
    expiresAt.set(part.expiresAt, pair);
    position += part.arena.length;
    pair += pairCount(part);
  }
  return { arena, offsets, expiresAt };
}

function slicePuts({ arena, offsets, expiresAt }: Puts, { first, count }: PairRange): Puts {
  const end = first + count;
  return {
    arena,
    offsets: offsets.subarray(first * OFFSETS_PER_PAIR, end * OFFSETS_PER_PAIR),
    expiresAt: expiresAt.subarray(first, end),
  };
}

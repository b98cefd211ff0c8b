import { expect, it } from 'vitest';
import { OFFSETS_PER_PAIR, type Puts, packPairs, pairCount } from '../../kv/puts.ts';
import { packBatch, unpackBatch } from './batch.ts';
import { SQLITE } from './constants.ts';
import type { Request } from './messages.ts';

const address = { account: 'a', id: 'b' };

function write(number: number, puts: Puts): Request {
  return { number, change: { kind: 'write', address, puts, deletes: [], bytes: puts.arena.length } };
}

function putsOf(...keys: string[]): Puts {
  return packPairs(
    keys.map((key, index) => ({ key, value: Buffer.from(`value of ${key}`), metadata: `"${key}"`, expiresAt: index })),
  );
}

/** Every part of every pair as text. */
function partsOf({ change }: Request): unknown[] {
  if (change.kind !== 'write' || change.puts === undefined) return [];
  const { arena, offsets, expiresAt } = change.puts;
  return Array.from(expiresAt, (expires, pair) => {
    const [a, b, c, d, e, f] = offsets.subarray(pair * OFFSETS_PER_PAIR);
    return [
      [a, b],
      [c, d],
      [e, f],
    ]
      .map(([start, end]) => Buffer.from(arena.subarray(start, end)).toString())
      .concat(String(expires));
  });
}

it('gives every request its own pairs again', () => {
  const requests = [
    write(1, putsOf('a', 'b')),
    { number: 2, change: { kind: 'deleteNamespace', address } } as const,
    write(3, putsOf()),
    write(4, putsOf('c')),
  ];
  const unpacked = unpackBatch(structuredClone(packBatch(requests).command));
  expect(unpacked.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
  expect(unpacked.map(partsOf)).toEqual(requests.map(partsOf));
});

it('hands three buffers over for many small requests', () => {
  const { transfer } = packBatch([write(1, putsOf('a')), write(2, putsOf('b')), write(3, putsOf('c'))]);
  expect(transfer).toHaveLength(3);
});

it('hands a large arena over as it is, and leaves its owner without it', () => {
  const large = packPairs([{ key: 'key', value: new Uint8Array(SQLITE.arenaTransferBytesMin) }]);
  const { command, transfer } = packBatch([write(1, large), write(2, putsOf('small'))]);
  const [request] = unpackBatch(structuredClone(command, { transfer }));
  expect([large.arena.byteLength, large.offsets.byteLength, large.expiresAt.byteLength]).toEqual([0, 0, 0]);
  expect(request?.change).toMatchObject({ kind: 'write' });
  expect(request?.change).not.toHaveProperty('merged');
});

it('hands over one buffer only once', () => {
  const buffer = new ArrayBuffer(SQLITE.arenaTransferBytesMin);
  const puts = {
    arena: new Uint8Array(buffer),
    offsets: new Uint32Array(buffer, 0, OFFSETS_PER_PAIR),
    expiresAt: new Float64Array(buffer, 0, 1),
  };
  expect(pairCount(puts)).toBe(1);
  expect(packBatch([write(1, puts)]).transfer).toEqual([buffer]);
});

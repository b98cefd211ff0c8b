import { expect, it } from 'vitest';
import type { NamespaceAddress } from '../../kv/engine.ts';
import { OFFSETS_PER_PAIR, type Pair, type Puts, packPairs } from '../../kv/puts.ts';
import { Batch, splitRequest } from './batch.ts';
import { SQLITE } from './constants.ts';
import type { Change, PutChange, Request, Submission } from './messages.ts';

const address = { account: 'a', id: 'b' };

function pair(key: string, valueBytes = 10): Pair {
  return { key, value: Buffer.alloc(valueBytes, key), metadata: `"${key}"`, expiresAt: key.length };
}

function put(key: string, valueBytes?: number, to: NamespaceAddress = address): PutChange {
  return { kind: 'put', address: { ...to }, pair: pair(key, valueBytes) };
}

function bulk(puts: Puts): Change {
  return { kind: 'write', address, puts, deletes: [], bytes: puts.arena.length };
}

function pack(submissions: readonly Submission[]) {
  const batch = new Batch();
  for (const [index, submission] of submissions.entries()) batch.add(index + 1, submission);
  return batch.pack();
}

/** The pairs of a request, read out of its arena. */
function pairsOf({ change }: Request): Pair[] {
  if (change.kind !== 'write' || change.puts === undefined) return [];
  const { arena, offsets, expiresAt } = change.puts;
  return Array.from(expiresAt, (expires, index) => {
    const [a, b, c, d, e, f] = offsets.subarray(index * OFFSETS_PER_PAIR);
    const [key, metadata, value] = [arena.slice(a, b), arena.slice(c, d), arena.slice(e, f)].map(part =>
      Buffer.from(part),
    );
    return { key: String(key), value: value ?? Buffer.alloc(0), metadata: String(metadata), expiresAt: expires };
  });
}

it('makes one request of puts that follow one another into one namespace', () => {
  const { requests } = pack(['a', 'bb', 'cé'].map(key => put(key)));
  expect(requests.map(({ number, count }) => [number, count])).toEqual([[1, 3]]);
  expect(structuredClone(requests).map(pairsOf)).toEqual([['a', 'bb', 'cé'].map(key => pair(key))]);
});

it('keeps the order, and puts into different namespaces apart', () => {
  const other = { account: 'a', id: 'other' };
  const elsewhere = { account: 'other', id: 'b' };
  const remove = { kind: 'write', address, deletes: ['a'], bytes: 1 } as const;
  const { requests } = pack([
    put('a'),
    put('b'),
    remove,
    put('c'),
    put('d', 10, other),
    put('e', 10, elsewhere),
    put('f', 10, elsewhere),
  ]);
  expect(requests.map(({ number, count }) => [number, count])).toEqual([
    [1, 2],
    [3, 1],
    [4, 1],
    [5, 1],
    [6, 2],
  ]);
  expect(requests.map(request => pairsOf(request).map(({ key }) => key))).toEqual([
    ['a', 'b'],
    [],
    ['c'],
    ['d'],
    ['e', 'f'],
  ]);
  expect(requests[1]?.change).toBe(remove);
  expect(requests[3]?.change).toMatchObject({ address: other });
});

it('copies small puts, and never joins them into a bulk', () => {
  const many = Array.from({ length: SQLITE.bulkChangesMin }, (_, index) => put(String(index)));
  const heavy = ['x', 'y', 'z'].map(key => put(key, SQLITE.arenaTransferBytesMin / 2));
  const { requests, transfer } = pack([...many, ...heavy]);
  expect(requests.map(({ count }) => count)).toEqual([SQLITE.bulkChangesMin - 1, 2, 1, 1]);
  expect(requests.flatMap(pairsOf)).toEqual([...many, ...heavy].map(submission => submission.pair));
  expect(transfer).toEqual([]);
});

it('hands a large put over by itself', () => {
  const { requests, transfer } = pack([put('a'), put('large', SQLITE.arenaTransferBytesMin), put('b')]);
  expect(requests.map(({ count }) => count)).toEqual([1, 1, 1]);
  expect(transfer).toHaveLength(1);
  expect(pairsOf(structuredClone(requests[1], { transfer }) ?? expect.fail())).toEqual([
    pair('large', SQLITE.arenaTransferBytesMin),
  ]);
});

it('hands the arena of a bulk over as it is, and leaves its owner without it', () => {
  const puts = packPairs([pair('key', SQLITE.arenaTransferBytesMin)]);
  const { requests, transfer } = pack([bulk(puts)]);
  structuredClone(requests, { transfer });
  expect([puts.arena.byteLength, puts.offsets.byteLength, puts.expiresAt.byteLength]).toEqual([0, 0, 0]);
});

it('hands over one buffer only once', () => {
  const puts = packPairs([pair('key', SQLITE.arenaTransferBytesMin)]);
  expect(pack([bulk(puts)]).transfer).toEqual([puts.arena.buffer]);
});

it('makes a request a pair of one that was joined', () => {
  const { requests } = pack(['a', 'b', 'c'].map(key => put(key)));
  const parts = requests.flatMap(splitRequest);
  expect(parts.map(({ number, count }) => [number, count])).toEqual([
    [1, 1],
    [2, 1],
    [3, 1],
  ]);
  expect(parts.flatMap(pairsOf)).toEqual(['a', 'b', 'c'].map(key => pair(key)));
});

it('leaves a request alone that was not joined, however many pairs it has', () => {
  const request: Request = { number: 1, count: 1, change: bulk(packPairs([pair('a'), pair('b')])) };
  expect(splitRequest(request)).toEqual([request]);
});

import { expect, it } from 'vitest';
import type { NamespaceAddress } from '../../kv/engine.ts';
import { OFFSETS_PER_PAIR, type Pair, type Puts, packPairs } from '../../kv/puts.ts';
import { Batch, splitRequest } from './batch.ts';
import { SQLITE } from './constants.ts';
import { packKeys } from './key-arena.ts';
import type { Change, PutChange, Request, Submission } from './messages.ts';

const address = { account: 'a', id: 'b' };

function pair(key: string, valueBytes = 10): Pair {
  return { key, value: Buffer.alloc(valueBytes, key), metadata: `"${key}"`, expiresAt: key.length };
}

function put(key: string, valueBytes?: number, to: NamespaceAddress = address): PutChange {
  return { kind: 'put', address: { ...to }, pair: pair(key, valueBytes) };
}

function bulk(puts: Puts): Change {
  return { kind: 'write', address, puts, bytes: puts.arena.length };
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
  const remove = { kind: 'write', address, deletes: packKeys(['a']), bytes: 1 } as const;
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

it('joins no more puts than remain a small write', () => {
  const many = Array.from({ length: SQLITE.bulkChangesMin }, (_, index) => put(String(index)));
  const heavy = ['x', 'y', 'z'].map(key => put(key, SQLITE.joinedPutsBytesMax / 2));
  const { requests } = pack([...many, ...heavy, put('large', SQLITE.joinedPutsBytesMax), put('small')]);
  expect(requests.map(({ count }) => count)).toEqual([SQLITE.bulkChangesMin - 1, 2, 1, 1, 1, 1]);
  expect(requests.flatMap(pairsOf).slice(0, -2)).toEqual([...many, ...heavy].map(submission => submission.pair));
});

it('hands all buffers over, each once, and leaves their owner without them', () => {
  const arena = new Uint8Array(100);
  const puts = { arena, offsets: new Uint32Array(OFFSETS_PER_PAIR), expiresAt: new Float64Array(1) };
  const packed = packPairs([pair('key')]);
  const deletes = packKeys(['a', 'b']);
  const { requests, transfer } = pack([bulk(puts), { kind: 'write', address, deletes, bytes: 2 }, bulk(packed)]);
  expect(transfer).toHaveLength(5);
  structuredClone(requests, { transfer });
  const views = [...Object.values(puts), ...Object.values(deletes), ...Object.values(packed)];
  expect(views.map(view => view.byteLength)).toEqual(Array(8).fill(0));
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

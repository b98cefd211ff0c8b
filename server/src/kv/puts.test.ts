import fc from 'fast-check';
import { expect, it } from 'vitest';
import { OFFSETS_PER_PAIR, type Pair, packPairs, pairCount } from './puts.ts';

/** The pairs as they can be read from the arena: undefined members are gone, and lone surrogates replaced. */
function unpack({ arena, offsets, expiresAt }: ReturnType<typeof packPairs>): Pair[] {
  return Array.from(expiresAt, (expires, index) => {
    const [a, b, c, d, e, f] = offsets.subarray(index * OFFSETS_PER_PAIR);
    const metadata = Buffer.from(arena.slice(c, d)).toString();
    return {
      key: Buffer.from(arena.slice(a, b)).toString(),
      value: arena.slice(e, f),
      ...(metadata === '' ? {} : { metadata }),
      ...(expires === 0 ? {} : { expiresAt: expires }),
    };
  });
}

const TEXT = fc.string({ unit: 'binary', maxLength: 20 });
const PAIR = fc.record(
  {
    key: TEXT,
    value: fc.uint8Array({ maxLength: 20 }),
    metadata: fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
    expiresAt: fc.integer({ min: 1, max: 2 ** 33 }),
  },
  { requiredKeys: ['key', 'value'], noNullPrototype: true },
);

it('packs pairs of any size, so that they can be read again', () => {
  fc.assert(
    fc.property(fc.array(PAIR), pairs => {
      const puts = packPairs(pairs);
      expect(pairCount(puts)).toBe(pairs.length);
      expect(unpack(puts)).toEqual(pairs);
    }),
  );
});

it('packs into one buffer, all of which is the arena', () => {
  const { arena, offsets, expiresAt } = packPairs([{ key: 'key', value: Buffer.from('value') }]);
  expect(arena.byteLength).toBe(arena.buffer.byteLength);
  expect([offsets.buffer, expiresAt.buffer]).toEqual([arena.buffer, arena.buffer]);
});

it('replaces lone surrogates', () => {
  expect(unpack(packPairs([{ key: '\ud800', value: new Uint8Array() }]))).toMatchObject([{ key: '\ufffd' }]);
});

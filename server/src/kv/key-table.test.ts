import fc from 'fast-check';
import { expect, it } from 'vitest';
import { KeyTable } from './key-table.ts';
import { packPairs } from './puts.ts';

/** For each key the number of the first that is the same, or −1. */
function findEach(keys: readonly string[]): number[] {
  const { arena, offsets } = packPairs(keys.map(key => ({ key, value: new Uint8Array() })));
  const table = new KeyTable({ bytes: arena }, offsets, keys.length);
  return keys.map((_, pair) => table.findOrAdd(pair));
}

it('finds the first pair with the same key, and none for a new key', () => {
  expect(findEach(['a', 'b', 'a', 'ab', 'b', 'a'])).toEqual([-1, -1, 0, -1, 1, 0]);
});

it('tells keys apart that differ only in NULs at the end', () => {
  expect(findEach(['a', 'a\0', 'a\0\0', 'a\0'])).toEqual([-1, -1, -1, 1]);
});

it('answers like a search through all keys before', () => {
  const key = fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 4 });
  fc.assert(
    fc.property(fc.array(key, { minLength: 1, maxLength: 40 }), once => {
      const keys = [...once, ...once];
      const first = (_: string, pair: number) => keys.indexOf(keys[pair] ?? '');
      expect(findEach(keys)).toEqual(keys.map(first).map((found, pair) => (found < pair ? found : -1)));
    }),
    { numRuns: 1_000 },
  );
});

it('has room for ten thousand keys of the greatest length', () => {
  const keys = Array.from({ length: 10_000 }, (_, number) => String(number).padStart(512, 'k'));
  expect(new Set(findEach(keys))).toEqual(new Set([-1]));
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { OFFSETS_PER_PAIR, packPairs } from '../../kv/puts.ts';
import { OFFSETS_PER_KEY, packKeys } from './key-arena.ts';
import { keyOrder } from './key-order.ts';

function ordered(keys: readonly string[]): string[] {
  return Array.from(keyOrder(packKeys(keys), OFFSETS_PER_KEY), number => keys[number] ?? expect.fail());
}

function sorted(keys: readonly string[]): string[] {
  return keys.toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
}

/** In an order that looks like none. */
function shuffled(keys: readonly string[]): string[] {
  return keys.map((_, index) => keys[(index * 7_919) % keys.length] ?? expect.fail());
}

function numbered(count: number, keyOf: (number: string) => string): string[] {
  return Array.from({ length: count }, (_, number) => keyOf(String(number).padStart(6, '0')));
}

const KEY = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('', '\0', '\0\0', '\0\0\0\0\0\0', 'a', 'a\0', 'é', '\u{ffff}', '😀', 'z'.repeat(512)),
);

it('names every key once, whatever the keys are', () => {
  fc.assert(
    fc.property(fc.array(KEY, { maxLength: 300 }), keys => {
      const order = keyOrder(packKeys(keys), OFFSETS_PER_KEY);
      expect(order.toSorted()).toEqual(Uint32Array.from(keys.keys()));
    }),
  );
});

it('orders keys by the four bytes after those with which all begin', () => {
  const property = fc.property(fc.string({ maxLength: 5 }), fc.array(KEY, { maxLength: 300 }), (prefix, ends) => {
    const start = Buffer.byteLength(prefix);
    const heads = ordered(ends.map(end => prefix + end)).map(key =>
      // Where all begin with more than the prefix, what follows that decides, and so does this.
      Buffer.concat([Buffer.from(key), Buffer.alloc(4)]).subarray(start, start + 4),
    );
    expect(heads).toEqual(heads.toSorted(Buffer.compare));
  });
  fc.assert(property);
});

it.each([
  ['a common beginning', numbered(1_000, number => `a/long/common/beginning/${number}`)],
  [
    'several common beginnings',
    ['order:', 'session:', 'user:'].flatMap(family => numbered(1_000, number => `${family}profile:${number}`)),
  ],
  ['one that is unlike the others', [...numbered(1_000, number => `a-common-beginning-${number}`), 'z']],
  ['text beyond ASCII', numbered(1_000, number => `schlüssel-😀-${number}`)],
])('orders keys with %s', (_, keys) => {
  const places = new Map(sorted(keys).map((key, place) => [key, place]));
  const distances = ordered(shuffled(keys)).map((key, index) => Math.abs(index - (places.get(key) ?? Number.NaN)));
  // Those that differ late only may stay as they came, a few at a time.
  expect(Math.max(...distances)).toBeLessThan(64);
});

it('leaves the same keys in the order in which they came', () => {
  const keys = shuffled(numbered(300, number => number).flatMap(key => [key, key]));
  const order = Array.from(keyOrder(packKeys(keys), OFFSETS_PER_KEY));
  for (const key of new Set(keys)) {
    const places = order.filter(number => keys[number] === key);
    expect(places).toEqual(places.toSorted((left, right) => left - right));
  }
});

it('orders the keys of puts', () => {
  const keys = shuffled(numbered(100, number => number));
  const puts = packPairs(keys.map(key => ({ key, value: Buffer.from(key), metadata: '{}' })));
  expect(Array.from(keyOrder(puts, OFFSETS_PER_PAIR), number => keys[number])).toEqual(sorted(keys));
});

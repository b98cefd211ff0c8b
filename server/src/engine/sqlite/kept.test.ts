import { expect, it } from 'vitest';
import { Kept } from './kept.ts';

it('keeps a value for as long as nothing is committed, and no longer', () => {
  const kept = new Kept<string>(10);
  kept.set('a', 'one', 1);
  expect(kept.get('a', 1)).toBe('one');
  expect(kept.get('b', 1)).toBeUndefined();
  expect(kept.get('a', 2)).toBeUndefined();
  expect(kept.get('a', 1)).toBeUndefined();
});

it('keeps nothing from before a commit beside what is read after it', () => {
  const kept = new Kept<string>(10);
  kept.set('a', 'one', 1);
  kept.set('b', 'two', 2);
  expect(kept.get('a', 2)).toBeUndefined();
  expect(kept.get('b', 2)).toBe('two');
});

it('never keeps more than it may', () => {
  const kept = new Kept<number>(2);
  for (const number of [1, 2, 3]) kept.set(String(number), number, 0);
  expect(['1', '2', '3'].map(name => kept.get(name, 0))).toEqual([undefined, undefined, 3]);
});

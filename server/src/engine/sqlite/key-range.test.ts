import { expect, it } from 'vitest';
import { keyRange } from './key-range.ts';

function textRange(prefix: string, after: string): string[] {
  const { from, before } = keyRange(prefix, after);
  return [from.toString('latin1'), before.toString('latin1')];
}

it('spans all keys without a prefix', () => {
  expect(textRange('', '')).toEqual(['', '\u00ff']);
});

it('ends where the prefix does', () => {
  expect(textRange('ab', '')).toEqual(['ab', 'ac']);
  expect(textRange('a\u007f', '')).toEqual(['a\u007f', 'a\u0080']);
});

it('begins right behind the last key', () => {
  expect(textRange('', 'a')).toEqual(['a\u0000', '\u00ff']);
  expect(textRange('a', 'a')).toEqual(['a\u0000', 'b']);
});

it('does not begin before the prefix', () => {
  expect(textRange('b', 'a')).toEqual(['b', 'c']);
});

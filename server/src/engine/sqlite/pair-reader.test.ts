import { expect, it } from 'vitest';
import { temporaryDirectory } from '../conformance/temporary-directory.ts';
import { BARE, TEXTS } from './pair-reader.ts';
import { planOf } from './plan.fixture.ts';

it('finds a pair by namespace and key', () => {
  expect(planOf(BARE, temporaryDirectory())).toBe('SEARCH pairs USING INDEX pairs_by_key (namespace=? AND key=?)');
});

it('finds several pairs one after the other, in the order of the keys', () => {
  expect(planOf(TEXTS, temporaryDirectory()).split('\n')).toEqual([
    expect.stringMatching(/^SCAN asked VIRTUAL TABLE INDEX/),
    'SEARCH pairs USING INDEX pairs_by_key (namespace=? AND key=?) LEFT-JOIN',
  ]);
});

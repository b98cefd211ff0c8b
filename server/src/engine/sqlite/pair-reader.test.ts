import { expect, it } from 'vitest';
import { temporaryDirectory } from '../conformance/temporary-directory.ts';
import { BARE, MANY, TEXTS } from './pair-reader.ts';
import { planOf } from './plan.fixture.ts';

it('finds a pair by namespace and key', () => {
  expect(planOf(BARE, temporaryDirectory())).toBe('SEARCH pairs USING INDEX pairs_by_key (namespace=? AND key=?)');
});

it.each([MANY, TEXTS])('finds several pairs one after the other, in the order of the keys', sql => {
  expect(planOf(sql, temporaryDirectory()).split('\n')).toEqual([
    expect.stringMatching(/^SCAN asked VIRTUAL TABLE INDEX/),
    'SEARCH pairs USING INDEX pairs_by_key (namespace=? AND key=?) LEFT-JOIN',
  ]);
});

import { expect, it } from 'vitest';
import { temporaryDirectory } from '../conformance/temporary-directory.ts';
import { REMOVE_UNCHANGED, REPLACE_VALUE } from './conditional-writer.ts';
import { COUNT_STEP } from './key-count.ts';
import { STEP_WITH_VALUES, STEP_WITHOUT_VALUES } from './pair-scan.ts';
import { planOf } from './plan.fixture.ts';

it.each([
  ['with values', STEP_WITH_VALUES, /SEARCH pairs USING INDEX pairs_by_key \(namespace=\? AND key>\? AND key<\?\)/],
  ['without values', STEP_WITHOUT_VALUES, /SEARCH pairs USING COVERING INDEX pairs_by_key/],
  ['that is counted', COUNT_STEP, /SEARCH pairs USING COVERING INDEX pairs_by_key/],
])('a step %s goes along the index and sorts nothing', (_, sql, search) => {
  const plan = planOf(sql, temporaryDirectory());
  expect(plan).toMatch(search);
  expect(plan).not.toMatch(/B-TREE|SCAN pairs/);
});

it.each([
  ['replaced', REPLACE_VALUE],
  ['removed', REMOVE_UNCHANGED],
])('a pair to be %s is found by its key', (_, sql) => {
  expect(planOf(sql, temporaryDirectory())).toMatch(/USING INDEX pairs_by_key \(namespace=\? AND key=\?/);
});

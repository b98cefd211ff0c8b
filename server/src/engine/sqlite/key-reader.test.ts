import { expect, it } from 'vitest';
import { temporaryDirectory } from '../conformance/temporary-directory.ts';
import { ENDS, pageJson } from './key-reader.ts';
import { planOf } from './plan.fixture.ts';

it.each([ENDS, pageJson('value'), pageJson('text')])('lists from the index alone, in its order', sql => {
  expect(planOf(sql, temporaryDirectory())).toBe(
    'SEARCH pairs USING COVERING INDEX pairs_by_key (namespace=? AND key>? AND key<?)',
  );
});

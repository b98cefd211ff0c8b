import { expect, it } from 'vitest';
import { temporaryDirectory } from '../conformance/temporary-directory.ts';
import { ACCOUNTS_OF_NAMESPACE, NAMESPACE } from './namespace-reader.ts';
import { planOf } from './plan.fixture.ts';

it('finds a namespace by its address', () => {
  expect(planOf(NAMESPACE, temporaryDirectory())).toBe(
    'SEARCH namespaces USING INDEX sqlite_autoindex_namespaces_1 (account=? AND id=?)',
  );
});

it('finds the accounts of a namespace in the index alone, in its order', () => {
  const plan = planOf(ACCOUNTS_OF_NAMESPACE, temporaryDirectory());
  expect(plan).toBe('SEARCH namespaces USING COVERING INDEX namespaces_by_id (id=?)');
});

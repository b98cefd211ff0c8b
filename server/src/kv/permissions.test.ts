import { describe, expect, test } from 'vitest';
import { coversAccount, coversNamespace, type Scope } from './permissions.ts';

const A = 'a'.repeat(32);
const B = 'b'.repeat(32);
const N = '1'.repeat(32);
const M = '2'.repeat(32);

describe.each<[string, Scope, { accounts: string[]; namespaces: string[] }]>([
  ['without limits', {}, { accounts: [A, B], namespaces: [A + N, A + M, B + N, B + M] }],
  ['of an account', { account: A }, { accounts: [A], namespaces: [A + N, A + M] }],
  ['of a namespace', { account: A, namespaces: [N] }, { accounts: [], namespaces: [A + N] }],
  ['of a namespace id', { namespaces: [N] }, { accounts: [], namespaces: [A + N, B + N] }],
  ['of no namespace', { account: A, namespaces: [] }, { accounts: [], namespaces: [] }],
])('a token %s', (_, scope, good) => {
  test('covers just these accounts', () => {
    expect([A, B].filter(account => coversAccount(scope, account))).toEqual(good.accounts);
  });

  test('covers just these namespaces', () => {
    const covered = [A, B].flatMap(account =>
      [N, M].filter(id => coversNamespace(scope, { account, id })).map(id => account + id),
    );
    expect(covered).toEqual(good.namespaces);
  });
});

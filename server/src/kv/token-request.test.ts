import { describe, expect, test } from 'vitest';
import { KvError } from './errors.ts';
import { LIMITS } from './limits.ts';
import { decodeTokenGrant } from './token-request.ts';

const NOW = 1_800_000_000;
const A = 'a'.repeat(32);
const [N, M] = ['1'.repeat(32), '2'.repeat(32)];

test.each([
  [{ name: 'ci' }, {}],
  [{ name: 'ci', account_id: A.toUpperCase() }, { account: A }],
  [
    { name: 'ci', account_id: A, namespace_ids: [N, M, N] },
    { account: A, namespaces: [N, M] },
  ],
  [{ name: 'ci', read_only: true }, { readOnly: true }],
  [{ name: 'ci', read_only: false }, {}],
  [{ name: 'ci', expires_on: '2027-01-15T08:00:01Z' }, { expiresAt: NOW + 1 }],
  [{ name: 'ci', expires_on: '2027-01-15T09:00:01.999+01:00' }, { expiresAt: NOW + 1 }],
  [{ name: 'ci', expires_on: '2027-01-16' }, { expiresAt: NOW + 16 * 3_600 }],
  [
    { name: 'ci', requests_per_second: 1, bytes_per_day: 2 ** 50 },
    { requestsPerSecond: 1, bytesPerDay: 2 ** 50 },
  ],
  [
    {
      name: 'ci',
      account_id: null,
      namespace_ids: null,
      read_only: null,
      expires_on: null,
      requests_per_second: null,
      bytes_per_day: null,
    },
    {},
  ],
])('%j is a token', (body, grant) => {
  expect(decodeTokenGrant(body, NOW)).toStrictEqual({ name: 'ci', ...grant });
});

describe('a name', () => {
  test.each(['x', '😀'.repeat(LIMITS.tokenNameCharacters), '__proto__', 'a b', 'root'])('may be %j', name => {
    expect(decodeTokenGrant({ name }, NOW)).toStrictEqual({ name });
  });

  test('has no lone surrogates', () => {
    expect(decodeTokenGrant({ name: 'a\ud800' }, NOW).name).toBe('a\ufffd');
  });
});

describe('it is refused, and the member named', () => {
  test.each([
    ['name', { name: undefined }],
    ['name', { name: '' }],
    ['name', { name: null }],
    ['name', { name: 7 }],
    ['name', { name: 'a\nb' }],
    ['name', { name: 'a\u001b[31m' }],
    ['name', { name: 'x'.repeat(LIMITS.tokenNameCharacters + 1) }],
    ['account_id', { account_id: 'short' }],
    ['account_id', { account_id: 7 }],
    ['namespace_ids', { account_id: A, namespace_ids: [] }],
    ['namespace_ids', { account_id: A, namespace_ids: N }],
    ['namespace_ids', { account_id: A, namespace_ids: ['short'] }],
    ['namespace_ids', { account_id: A, namespace_ids: Array(LIMITS.tokenNamespaces + 1).fill(N) }],
    ['namespace_ids', { namespace_ids: [N] }],
    ['read_only', { read_only: 'yes' }],
    ['read_only', { read_only: 1 }],
    ['expires_on', { expires_on: '2027-01-15T08:00:00Z' }],
    ['expires_on', { expires_on: '2020-01-01' }],
    ['expires_on', { expires_on: '2030-01-01T00:00' }],
    ['expires_on', { expires_on: '2030-13-01' }],
    ['expires_on', { expires_on: '30d' }],
    ['expires_on', { expires_on: NOW + 10 }],
    ['requests_per_second', { requests_per_second: 0 }],
    ['requests_per_second', { requests_per_second: 1.5 }],
    ['requests_per_second', { requests_per_second: '1' }],
    ['bytes_per_day', { bytes_per_day: -1 }],
    ['bytes_per_day', { bytes_per_day: 2 ** 60 }],
    ['readonly', { readonly: true }],
    ['expires', { expires: '2030-01-01' }],
    ['__proto__', JSON.parse('{"__proto__": 1}')],
  ])('%s: %j', (member, body) => {
    const wrong = () => decodeTokenGrant({ name: 'ci', ...body }, NOW);
    expect(wrong).toThrow(KvError);
    const fault = { name: 'tokenMemberInvalid', parameters: { member, expected: expect.any(String) } };
    expect(wrong).toThrow(expect.objectContaining({ faults: [fault] }));
  });
});

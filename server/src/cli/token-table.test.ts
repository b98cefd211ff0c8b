import { expect, test } from 'vitest';
import type { ListedToken } from '../kv/listed-token.ts';
import { tokenTable } from './token-table.ts';

const TOKEN: ListedToken = {
  id: 'a'.repeat(32),
  name: 'ci',
  status: 'active',
  read_only: false,
  issued_on: '2027-01-15T08:00:00Z',
};

test('a line is a token, the columns lie below each other, and what has expired is marked', () => {
  const lines = tokenTable([
    TOKEN,
    {
      ...TOKEN,
      name: 'größe 😀',
      status: 'expired',
      account_id: 'b',
      namespace_ids: ['c', 'd'],
      read_only: true,
      expires_on: '2027-01-15T08:01:40Z',
      last_used_on: '2027-01-15T08:00:00Z',
    },
  ]).split('\n');
  expect(lines.map(line => line.split(/ {2,}/))).toEqual([
    ['ID', 'NAME', 'GOOD FOR', 'CREATED', 'EXPIRES', 'LAST USED'],
    [TOKEN.id, 'ci', 'every account', '2027-01-15 08:00Z', 'never', 'never'],
    [
      TOKEN.id,
      'größe 😀',
      'reading account b, namespaces c d',
      '2027-01-15 08:00Z',
      '2027-01-15 08:01Z (expired)',
      '2027-01-15 08-09Z',
    ],
    [''],
  ]);
  const starts = lines
    .slice(0, 3)
    .map(line => [...line.matchAll(/(?<= {2})\S/g)].map(({ index }) => [...line.slice(0, index)].length));
  expect(starts[1]).toEqual(starts[0]);
  expect(starts[2]).toEqual(starts[0]);
});

test.each([
  ['00:00', '00-01Z'],
  ['09:00', '09-10Z'],
  ['23:00', '23-24Z'],
])('a last use in the hour from %s is shown as one between %s', (begin, shown) => {
  const table = tokenTable([{ ...TOKEN, last_used_on: `2027-01-15T${begin}:00Z` }]);
  expect(table).toMatch(new RegExp(`  2027-01-15 ${shown}\\n$`));
});

test('control characters in a name, which may come from the title of a namespace, do not reach the terminal', () => {
  const table = tokenTable([{ ...TOKEN, name: 'a\u001b[31m\nb\u0085\u202e' }]);
  expect(table.trimEnd().split('\n')).toHaveLength(2);
  for (const control of ['\u001b', '\u0085', '\u202e']) expect(table).not.toContain(control);
});

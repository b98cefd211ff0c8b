import { expect, it } from 'vitest';
import { exposition, type Sample } from './exposition.ts';
import { METRICS, type MetricName } from './families.ts';

/** The lines of one family, without its head. */
function linesOf(name: MetricName, samples: readonly Sample[]): string[] {
  const none = Object.fromEntries(Object.keys(METRICS).map(each => [each, []])) as unknown as Record<MetricName, []>;
  return exposition({ ...none, [name]: samples })
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'));
}

it('writes a sample a line, with its labels', () => {
  expect(
    linesOf('freehold_ready', [
      { labels: { check: 'disk' }, value: 1 },
      { labels: { check: 'log' }, value: 0 },
    ]),
  ).toEqual(['freehold_ready{check="disk"} 1', 'freehold_ready{check="log"} 0']);
  expect(linesOf('freehold_wal_bytes', [{ value: 12 }])).toEqual(['freehold_wal_bytes 12']);
});

it('writes a histogram with all that lies below each bound', () => {
  const value = { bounds: [1, 2.5], counts: [3, 0, 2], sum: 17.5 };
  expect(linesOf('freehold_commit_requests', [{ value }])).toEqual([
    'freehold_commit_requests_bucket{le="1"} 3',
    'freehold_commit_requests_bucket{le="2.5"} 3',
    'freehold_commit_requests_bucket{le="+Inf"} 5',
    'freehold_commit_requests_sum 17.5',
    'freehold_commit_requests_count 5',
  ]);
});

it('escapes labels, and writes what has no bound as Prometheus does', () => {
  expect(linesOf('freehold_ready', [{ labels: { check: 'a"b\\c\nd' }, value: 1 }])).toEqual([
    'freehold_ready{check="a\\"b\\\\c\\nd"} 1',
  ]);
  expect(linesOf('process_max_fds', [{ value: Infinity }])).toEqual(['process_max_fds +Inf']);
});

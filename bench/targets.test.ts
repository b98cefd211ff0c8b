import { expect, test } from 'vitest';
import { FREEHOLD, type Measurement, type Unit } from './measurement.ts';
import { SUITES } from './suites.ts';
import { judge, TARGETS } from './targets.ts';

function measured(suite: string, work: string, contender: string, unit: Unit, ...samples: number[]): Measurement {
  return { suite, work, contender, unit, samples };
}

test('a time is held to so many times that of its peer, by medians', () => {
  const ours = measured('bulk-delete', '10,000 × 100 B', FREEHOLD, 'ms', 15, 1, 900);
  const theirs = measured('bulk-delete', '10,000 × 100 B', 'better-sqlite3 alone', 'ms', 10);
  expect(judge([ours, theirs], ['bulk-delete'])).toMatchObject([{ bound: 1.6, reached: 1.5, met: true }]);
  expect(judge([ours, { ...theirs, samples: [9] }], ['bulk-delete'])).toMatchObject([{ met: false }]);
});

test('a speed is held to so many times that of its peer, whether it is given as a rate or as a time', () => {
  const rates = [
    measured('bulk-get', '100 × 100 B', FREEHOLD, 'per second', 800),
    measured('bulk-get', '100 × 100 B', 'objects and JSON.stringify', 'per second', 200),
  ];
  expect(judge(rates, ['bulk-get'])).toMatchObject([{ bound: 4, reached: 4, met: true }]);
  const times = [
    measured('bulk', '10,000 × 1 kB', FREEHOLD, 'ms', 40),
    measured('bulk', '10,000 × 1 kB', 'Redis, appendfsync always', 'ms', 20),
  ];
  expect(judge(times, ['bulk'])).toContainEqual(expect.objectContaining({ bound: 1, reached: 0.5, met: false }));
});

test('a figure without a peer is held to the bound itself', () => {
  const rest = measured('memory', 'at rest', FREEHOLD, 'MB', 91);
  expect(judge([rest], ['memory'])[0]).toMatchObject({ bound: 90, reached: 91, met: false });
});

test('what was not measured is neither met nor missed, and other suites are left out', () => {
  const [verdict, ...others] = judge([], ['bulk-delete']);
  expect(verdict).not.toHaveProperty('met');
  expect(others).toEqual([]);
});

test('every target is of a suite that there is', () => {
  const names = SUITES.map(({ name }) => name);
  expect(TARGETS.filter(({ suite }) => !names.includes(suite))).toEqual([]);
});

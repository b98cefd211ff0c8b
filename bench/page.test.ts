/** The figures in the documentation are those of the results beside it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './build.ts';
import { fillPage, measuredSuites } from './page.ts';
import type { Run } from './results.ts';
import { SUITES } from './suites.ts';

const page = readFileSync(join(ROOT, 'docs/performance.md'), 'utf8');
const runs: Run[] = JSON.parse(readFileSync(join(ROOT, 'docs/performance/results.json'), 'utf8'));

test('docs/performance.md shows what was measured', () => {
  expect(fillPage(page, runs)).toBe(page);
});

test('it has every suite, and every suite was measured without a failure', () => {
  const suites = SUITES.map(({ name }) => name);
  expect(suites.filter(name => !page.includes(`<!-- ${name} -->`))).toEqual([]);
  expect(measuredSuites(runs.flatMap(run => run.measurements)).toSorted()).toEqual(suites.toSorted());
  expect(runs.flatMap(run => run.failures)).toEqual([]);
});

test('a part is replaced as a whole, whatever it held', () => {
  const filled = fillPage('a\n<!-- bulk -->\nold\n<!-- /bulk -->\nb\n', []);
  expect(filled).toBe('a\n<!-- bulk -->\n\nNot measured in this run.\n\n<!-- /bulk -->\nb\n');
  expect(fillPage(filled, [])).toBe(filled);
});

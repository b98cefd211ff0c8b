/** `npm run bench:publish -- RESULTS.json…`: shows what runs have left behind in docs/performance.md. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './build.ts';
import { suiteChart } from './chart.ts';
import { fillPage } from './page.ts';
import type { Run } from './results.ts';

const PAGE = join(ROOT, 'docs/performance.md');
const DIRECTORY = join(ROOT, 'docs/performance');

const files = process.argv.slice(2);
if (files.length === 0) throw new Error('name the files that npm run bench -- --json FILE has written');
const runs = files.map((file): Run => withoutPlaces(JSON.parse(readFileSync(file, 'utf8'))));

mkdirSync(DIRECTORY, { recursive: true });
writeFileSync(join(DIRECTORY, 'results.json'), `${JSON.stringify(runs)}\n`);
for (const [suite, measurements] of Map.groupBy(
  runs.flatMap(run => run.measurements),
  one => one.suite,
)) {
  writeFileSync(join(DIRECTORY, `${suite}.svg`), suiteChart(suite, measurements));
}
writeFileSync(PAGE, fillPage(readFileSync(PAGE, 'utf8'), runs));

/** Where somebody has put the results of a run is nobody else's matter. */
function withoutPlaces(run: Run): Run {
  return { ...run, argv: run.argv.filter((word, index) => word !== '--json' && run.argv[index - 1] !== '--json') };
}

/** The page of the documentation that shows a run: its tables are made of the results, its prose is written by hand. */
import type { Measurement } from './measurement.ts';
import { machineText, suiteTable, targetTable } from './report.ts';
import type { Run } from './results.ts';
import { judge } from './targets.ts';

/** A part that is made of the results: `<!-- name -->`, what is replaced, `<!-- /name -->`. */
const PART = /(?<=<!-- ([a-z-]+) -->\n)[\s\S]*?(?=<!-- \/\1 -->)/g;

/** The page with the results of one run, or of several of the same state on the same machine. */
export function fillPage(page: string, runs: readonly Run[]): string {
  return page.replace(PART, (_, name: string) => `\n${part(name, runs)}\n`);
}

function part(name: string, runs: readonly Run[]): string {
  const measurements = runs.flatMap(run => run.measurements);
  const suites = measuredSuites(measurements);
  switch (name) {
    case 'machine':
      return codeBlock(machineLines(runs));
    case 'targets':
      return codeBlock(targetTable(judge(measurements, suites), measurements));
    default:
      return suitePart(
        name,
        measurements.filter(({ suite }) => suite === name),
      );
  }
}

export function measuredSuites(measurements: readonly Measurement[]): string[] {
  return [...new Set(measurements.map(({ suite }) => suite))];
}

function machineLines(runs: readonly Run[]): string {
  const [first] = runs;
  if (first === undefined) return '';
  const commands = runs.map(({ date, argv }) => `${date.slice(0, 10)}: ${['npm run bench --', ...argv].join(' ')}\n`);
  return machineText(first.machine, first.versions) + commands.join('');
}

function suitePart(suite: string, measurements: readonly Measurement[]): string {
  if (measurements.length === 0) return 'Not measured in this run.\n';
  return `![${suite}](performance/${suite}.svg)\n\n${codeBlock(suiteTable(measurements))}`;
}

function codeBlock(text: string): string {
  return `\`\`\`text\n${text}\`\`\`\n`;
}

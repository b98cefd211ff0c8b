/** Results as text for people. */
import type { Machine } from './machine.ts';
import { FREEHOLD, isRate, type Measurement, summary, type Unit } from './measurement.ts';
import { speedRatio, type Verdict } from './targets.ts';

/** A table of what one suite measured, works one under the other. */
export function suiteTable(measurements: readonly Measurement[]): string {
  const works = Map.groupBy(measurements, ({ work }) => work);
  const rows = [...works].flatMap(([work, group]) => [[work], ...group.map(one => row(one, group))]);
  return table([['', 'median', 'from – to', 'Freehold is'], ...rows]);
}

function row(measurement: Measurement, group: readonly Measurement[]): string[] {
  const { contender, unit } = measurement;
  const { median, min, max } = summary(measurement);
  const freehold = group.find(one => one.contender === FREEHOLD);
  const ratio = freehold === undefined || freehold === measurement ? '' : comparison(freehold, measurement);
  return [`  ${contender}`, `${figure(median)} ${unit}`, `${figure(min)} – ${figure(max)}`, ratio];
}

function comparison(ours: Measurement, theirs: Measurement): string {
  const speed = speedRatio(ours, theirs);
  if (ours.unit === 'MB' || ours.unit === 'bytes a byte') return `${figure(1 / speed)}× as large`;
  return `${figure(speed)}× as fast`;
}

/** A table of targets: what is asked, what was reached, and whether that is enough. */
export function targetTable(verdicts: readonly Verdict[], measurements: readonly Measurement[]): string {
  const rows = verdicts.map(verdict => [
    `${verdict.suite}: ${verdict.work}`,
    asked(verdict, measurements),
    verdict.reached === undefined ? '' : figure(verdict.reached),
    verdict.met === undefined ? 'not measured' : verdict.met ? 'met' : 'MISSED',
  ]);
  return table([['target', 'asked', 'reached', ''], ...rows]);
}

function asked({ suite, work, contender, peer, direction, bound }: Verdict, all: readonly Measurement[]): string {
  const sign = direction === 'at most' ? '≤' : '≥';
  const unit = all.find(one => one.suite === suite && one.work === work)?.unit;
  if (peer === undefined) return `${sign} ${figure(bound)} ${unit ?? ''}`;
  const whose = contender === undefined ? '' : ` (${contender})`;
  return `${sign} ${figure(bound)}× the ${direction === 'at most' ? costName(unit) : 'speed'} of ${peer}${whose}`;
}

function costName(unit: Unit | undefined): string {
  return unit === undefined || unit === 'ms' || isRate(unit) ? 'time' : 'size';
}

/** With three digits that count. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Columns as wide as they have to be; a row of one cell is a heading. */
function table(rows: readonly string[][]): string {
  const columns = Math.max(...rows.map(cells => cells.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.filter(cells => cells.length > 1).map(cells => [...(cells[column] ?? '')].length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (cells.length === 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return `${rows.map(line).join('\n')}\n`;
}

export function machineText(
  { system, processor, cores, memoryGiB, fileSystem }: Machine,
  versions: Readonly<Record<string, string>>,
): string {
  const hardware = `${processor}, ${cores} cores, ${memoryGiB} GiB, ${fileSystem}, ${system}`;
  const software = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${hardware}\n${software.join(', ')}\n`;
}

/** A bar chart of what a suite measured, as SVG that can be read on light ground and on dark. */
import { FREEHOLD, isRate, type Measurement, summary, type Unit } from './measurement.ts';
import { figure } from './report.ts';

const WIDTH = 800;
const LABELS = 270;
/** From the end of the longest bar on, for its figure. */
const FIGURES = 110;
const BARS = WIDTH - LABELS - FIGURES;
const LINE = 22;
const BAR = 12;
/** Works in which Freehold's bars differ by more have a scale each. */
const COMMON_SCALE_MAX = 5;
/** Bars that are so many times as long as Freehold's are cut off. */
const CUT = 5;

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title, .work { font-weight: 600 }
  .label { text-anchor: end }
  .ours { fill: #0969da }
  .other { fill: #8c959f }
  .spread { stroke: #1f2328; stroke-width: 1.5 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .ours { fill: #4493f8 }
    .other { fill: #656c76 }
    .spread { stroke: #e6edf3 }
  }`;

/** Bars are medians, and the line on each goes from its least sample to its greatest. Of one unit: the most common. */
export function suiteChart(suite: string, all: readonly Measurement[]): string {
  const unit = mostCommonUnit(all);
  const works = Map.groupBy(
    all.filter(one => one.unit === unit),
    ({ work }) => work,
  );
  const longest = new Map([...works].map(([work, group]) => [work, longestBar(group)]));
  const common = Math.max(...longest.values());
  const ours = [...works.values()].map(group => summary(oursIn(group)).median);
  const isCommon = Math.max(...ours) / Math.min(...ours) <= COMMON_SCALE_MAX;
  const lines = [...works].flatMap(([work, group]) => [
    (y: number) => `<text class="work" x="0" y="${y + BAR}">${escaped(work)}</text>`,
    ...group.map(one => (y: number) => bar(one, isCommon ? common : (longest.get(work) ?? common), y)),
  ]);
  const title = `${suite}, ${unit}: ${isRate(unit) ? 'more' : 'less'} is better${isCommon ? '' : '; each block to its own scale'}`;
  const height = (lines.length + 1) * LINE + LINE / 2;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">
<title>${escaped(title)}</title>
<style>${STYLE}
</style>
<text class="title" x="0" y="${BAR + 2}">${escaped(title)}</text>
${lines.map((line, index) => line((index + 1) * LINE + LINE / 4)).join('\n')}
</svg>
`;
}

/** The greatest sample that is shown. */
function longestBar(group: readonly Measurement[]): number {
  const greatest = Math.max(...group.flatMap(({ samples }) => samples));
  return Math.min(greatest, summary(oursIn(group)).max * CUT);
}

/** Freehold's, or the first where it has no part. */
function oursIn(group: readonly Measurement[]): Measurement {
  const [first] = group;
  if (first === undefined) throw new Error('a work has measurements');
  return group.find(isOurs) ?? first;
}

function isOurs({ contender }: Measurement): boolean {
  return contender.startsWith(FREEHOLD);
}

function bar(measurement: Measurement, longest: number, y: number): string {
  const { median, min, max } = summary(measurement);
  const place = (value: number): number => Math.round((Math.min(value, longest) / longest) * BARS * 10) / 10;
  const [end, from, to] = [place(median), LABELS + place(min), LABELS + place(max)];
  const kind = isOurs(measurement) ? 'ours' : 'other';
  const middle = y + BAR / 2;
  const spread = `<path class="spread" d="M${from} ${middle}H${to}"/>`;
  // Two strokes through a bar that would go on.
  const cut = `<path class="spread" d="M${to - 22} ${y + BAR + 3}l6 -18m4 0l-6 18"/>`;
  return [
    `<text class="label" x="${LABELS - 8}" y="${y + BAR - 1}">${escaped(measurement.contender)}</text>`,
    `<rect class="${kind}" x="${LABELS}" y="${y}" width="${end}" height="${BAR}"/>`,
    median > longest ? cut : spread,
    `<text x="${to + 8}" y="${y + BAR - 1}">${figure(median)}</text>`,
  ].join('');
}

function mostCommonUnit(measurements: readonly Measurement[]): Unit {
  const groups = [...Map.groupBy(measurements, ({ unit }) => unit)];
  const [unit = 'ms'] = groups.toSorted(([, one], [, other]) => other.length - one.length)[0] ?? [];
  return unit;
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, character => `&#${character.charCodeAt(0)};`);
}

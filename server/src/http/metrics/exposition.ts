/** Writes figures in Prometheus' text format, version 0.0.4. */
import type { Histogram } from '../../kv/histogram.ts';
import { type Family, METRICS, type MetricName } from './families.ts';

export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export interface Sample {
  /** Of every label of the family. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number | Histogram;
}

/** In the order of the table; a family without samples has its head only. */
export function exposition(samples: Readonly<Record<MetricName, readonly Sample[]>>): string {
  const lines: string[] = [];
  for (const name of Object.keys(METRICS) as MetricName[]) {
    const { help, type }: Family = METRICS[name];
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const { labels = {}, value } of samples[name]) {
      if (typeof value === 'number') lines.push(line(name, labels, value));
      else lines.push(...histogramLines(name, labels, value));
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Ranges are told with all that lies below them. */
function histogramLines(name: string, labels: Readonly<Record<string, string>>, histogram: Histogram): string[] {
  let count = 0;
  const buckets = histogram.counts.map((inRange, range) => {
    count += inRange;
    const le = histogram.bounds[range] ?? '+Inf';
    return line(`${name}_bucket`, { ...labels, le: String(le) }, count);
  });
  return [...buckets, line(`${name}_sum`, labels, histogram.sum), line(`${name}_count`, labels, count)];
}

function line(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join()}}`} ${value === Infinity ? '+Inf' : value}`;
}

function escaped(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}

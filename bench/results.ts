/** The file that a run leaves behind. */
import type { Machine } from './machine.ts';
import { type Measurement, type Summary, summary } from './measurement.ts';
import type { Verdict } from './targets.ts';

export interface Run {
  /** ISO 8601. */
  readonly date: string;
  readonly machine: Machine;
  /** Name → version. */
  readonly versions: Readonly<Record<string, string>>;
  /** As they were given on the command line. */
  readonly argv: readonly string[];
  readonly measurements: readonly Measurement[];
  readonly verdicts: readonly Verdict[];
  /** What a reader of the figures has to know. */
  readonly notes: readonly string[];
  /** What went wrong, by suite: a wrong answer, or a peer that could not be started. */
  readonly failures: readonly string[];
}

export interface Results extends Run {
  readonly measurements: readonly (Measurement & Summary)[];
}

export function resultsOf(run: Run): Results {
  return { ...run, measurements: run.measurements.map(one => ({ ...one, ...summary(one) })) };
}

/** What a contender was measured at, and what is made of it. */

/** The server that this is all about, in the names of contenders. */
export const FREEHOLD = 'Freehold';

export type Unit = 'ms' | 'per second' | 'MB/s' | 'MB' | 'bytes a byte';

export interface Measurement {
  readonly suite: string;
  readonly work: string;
  readonly contender: string;
  readonly unit: Unit;
  /** One a round. */
  readonly samples: readonly number[];
}

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function summary({ samples }: Measurement): Summary {
  return { median: percentile(samples, 50), min: Math.min(...samples), max: Math.max(...samples) };
}

export function median(measurement: Measurement): number {
  return percentile(measurement.samples, 50);
}

/** Between two samples where none lies just there; NaN of no samples. */
export function percentile(samples: readonly number[], percent: number): number {
  const sorted = samples.toSorted((one, other) => one - other);
  const place = ((sorted.length - 1) * percent) / 100;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** Whether more of the unit is better. */
export function isRate(unit: Unit): boolean {
  return unit === 'per second' || unit === 'MB/s';
}

/** Two contenders' figures added up round by round, as one that does the work of both. */
export function sum(contender: string, one: Measurement, other: Measurement): Measurement {
  return { ...one, contender, samples: one.samples.map((sample, round) => sample + (other.samples[round] ?? 0)) };
}

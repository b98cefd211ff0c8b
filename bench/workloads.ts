/** Bulks that are measured, and the same pairs in the forms in which the contenders take them. */
import { documentOf, keyOf, lettersOf } from './pairs.ts';

export interface Workload {
  /** What it is called in results. */
  readonly name: string;
  readonly pairs: number;
  /** Of a value as it is stored. */
  readonly valueBytes: number;
  /** How a value stands in the body: as it is, in base64, or with escapes. */
  readonly form: 'plain' | 'base64' | 'escaped';
  /** JSON text of every pair. */
  readonly metadata?: string;
}

/** The larger ones have a body just under the limit of 100 MB. */
export const WORKLOADS = {
  tiny: { name: '1,000 × 100 B', pairs: 1_000, valueBytes: 100, form: 'plain' },
  small: { name: '10,000 × 100 B', pairs: 10_000, valueBytes: 100, form: 'plain' },
  medium: { name: '10,000 × 1 kB', pairs: 10_000, valueBytes: 1_000, form: 'plain' },
  large: { name: '10,000 × 10 kB', pairs: 10_000, valueBytes: 9_950, form: 'plain' },
  huge: { name: '4 × 24 MB', pairs: 4, valueBytes: 24_000_000, form: 'plain' },
  base64: { name: '10,000 × 7.4 kB in base64', pairs: 10_000, valueBytes: 7_440, form: 'base64' },
  escapes: { name: '10,000 × 7.4 kB full of escapes', pairs: 10_000, valueBytes: 7_400, form: 'escaped' },
  described: {
    name: '10,000 × 100 B with metadata',
    pairs: 10_000,
    valueBytes: 100,
    form: 'plain',
    metadata: '{"type":"image/png","width":640,"height":480}',
  },
} as const satisfies Record<string, Workload>;

export type WorkloadName = keyof typeof WORKLOADS;

export function isWorkloadName(name: string | null): name is WorkloadName {
  return name !== null && Object.hasOwn(WORKLOADS, name);
}

export interface NewPair {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly metadata: Buffer | null;
}

/** Every round has keys of its own. */
export function keysOf({ pairs }: Workload, round: number): string[] {
  return Array.from({ length: pairs }, (_, index) => keyOf(round * pairs + index));
}

/** Each in memory of its own, as pairs are that came from somewhere. */
export function pairsOf(workload: Workload, round: number): NewPair[] {
  const metadata = workload.metadata === undefined ? null : Buffer.from(workload.metadata);
  return Array.from({ length: workload.pairs }, (_, index) => {
    const number = round * workload.pairs + index;
    return { key: Buffer.from(keyOf(number)), value: Buffer.from(storedValue(workload, number)), metadata };
  });
}

/** The first, a middle and the last pair of a round: enough to notice who is fast because he does something else. */
export function samplePairs(workload: Workload, round: number): { key: string; value: Buffer }[] {
  return [0, workload.pairs >>> 1, workload.pairs - 1].map(index => {
    const number = round * workload.pairs + index;
    return { key: keyOf(number), value: storedValue(workload, number) };
  });
}

/** The body of a bulk write. */
export function bodyOf(workload: Workload, round: number): Buffer {
  const tail = Buffer.from(tailOf(workload));
  const parts: Uint8Array[] = [];
  for (const [index, key] of keysOf(workload, round).entries()) {
    const value = writtenValue(workload, round * workload.pairs + index);
    parts.push(Buffer.from(`${index === 0 ? '[' : ','}{"key":"${key}","value":"`), value, tail);
  }
  return Buffer.concat([...parts, Buffer.from(']')]);
}

function tailOf({ form, metadata }: Workload): string {
  const description = metadata === undefined ? '' : `,"metadata":${metadata}`;
  return `"${form === 'base64' ? ',"base64":true' : ''}${description}}`;
}

function storedValue({ form, valueBytes }: Workload, number: number): Buffer {
  return form === 'escaped' ? documentOf(number, valueBytes) : lettersOf(number, valueBytes);
}

function writtenValue(workload: Workload, number: number): Uint8Array {
  const value = storedValue(workload, number);
  if (workload.form === 'base64') return Buffer.from(value.toString('base64'));
  return workload.form === 'escaped' ? Buffer.from(JSON.stringify(value.toString()).slice(1, -1)) : value;
}

/** Keeps what was made last: the contenders of a round need the same, one after the other. */
export function keepLast<Made>(make: (round: number) => Made): (round: number) => Made {
  let last: { readonly round: number; readonly made: Made } | undefined;
  return round => {
    if (last?.round !== round) last = { round, made: make(round) };
    return last.made;
  };
}

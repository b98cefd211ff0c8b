/** What Freehold has to reach, and whether it has. */
import { FREEHOLD, isRate, type Measurement, median } from './measurement.ts';
import {
  BARE_PROCESS,
  BARE_READ,
  BULK_BY_SQLITE,
  CONSTANT,
  FSYNC_A_PUT,
  LOCAL_EXPLORER,
  PLAIN,
  READY_MADE,
  REDIS,
  SQLITE_ALONE,
  SQLITE_AND_RECEIVING,
} from './peers.ts';
import { WORKLOADS } from './workloads.ts';

export interface Target {
  readonly suite: string;
  readonly work: string;
  /** Freehold, unless it takes part more than once. */
  readonly contender?: string;
  /** Whose figure it is a ratio to; absent where the figure itself is bounded. */
  readonly peer?: string;
  /**
   * At most so many times the time (or memory, or disk) of the peer; or at least so many times its speed: its time by
   * ours, or our rate by its.
   */
  readonly direction: 'at most' | 'at least';
  readonly bound: number;
}

const { small, medium, large, huge, base64, escapes } = WORKLOADS;

/** Millions of keys are measured by full runs only, and ten of them where they are asked for. */
const GROWN = ['100,000', '1,000,000', '10,000,000'];

export const TARGETS: readonly Target[] = [
  ...[small, medium].map(({ name }): Target => {
    return { suite: 'bulk', work: name, peer: SQLITE_ALONE, direction: 'at most', bound: 1.6 };
  }),
  ...[large, huge, base64, escapes].map(({ name }): Target => {
    return { suite: 'bulk', work: name, peer: SQLITE_AND_RECEIVING, direction: 'at most', bound: 1.7 };
  }),
  { suite: 'bulk', work: small.name, peer: REDIS, direction: 'at least', bound: 0.5 },
  { suite: 'bulk', work: medium.name, peer: REDIS, direction: 'at least', bound: 1 },
  ...[large, huge, base64, escapes].map(({ name }): Target => {
    return { suite: 'bulk', work: name, peer: REDIS, direction: 'at least', bound: 2.5 };
  }),
  ...[small, medium, large].map(({ name }): Target => {
    return { suite: 'local-explorer', work: name, peer: LOCAL_EXPLORER, direction: 'at least', bound: 500 };
  }),
  { suite: 'bulk-delete', work: small.name, peer: SQLITE_ALONE, direction: 'at most', bound: 1.6 },
  { suite: 'puts', work: '100 B', peer: FSYNC_A_PUT, direction: 'at least', bound: 6 },
  { suite: 'puts', work: '100 B', peer: REDIS, direction: 'at least', bound: 0.4 },
  { suite: 'gets', work: '100 B', peer: BARE_READ, direction: 'at least', bound: 0.9 },
  { suite: 'gets', work: '100 B', peer: CONSTANT, direction: 'at least', bound: 0.55 },
  { suite: 'gets', work: '24 MiB', peer: CONSTANT, direction: 'at least', bound: 0.8 },
  { suite: 'gets', work: '24 MiB: peak memory over idle', direction: 'at most', bound: 600 },
  { suite: 'list', work: 'any page', peer: PLAIN, direction: 'at least', bound: 3 },
  { suite: 'list', work: 'any page, with metadata', peer: PLAIN, direction: 'at least', bound: 3 },
  ...['first page', 'middle page', 'late prefix'].flatMap(work =>
    GROWN.map((keys): Target => {
      const sized = { contender: `${FREEHOLD}, ${keys} keys`, peer: `${FREEHOLD}, 10,000 keys` };
      return { suite: 'list', work, ...sized, direction: 'at least', bound: 1 / 1.3 };
    }),
  ),
  { suite: 'bulk-get', work: '100 × 100 B', peer: PLAIN, direction: 'at least', bound: 4 },
  { suite: 'mixed', work: 'get, p99', direction: 'at most', bound: 20 },
  { suite: 'mixed', work: 'get, p99, eight bulks at once', direction: 'at most', bound: 50 },
  { suite: 'mixed', work: 'put, p99', peer: BULK_BY_SQLITE, direction: 'at most', bound: 1.2 },
  { suite: 'memory', work: 'at rest', direction: 'at most', bound: 90 },
  { suite: 'memory', work: 'one bulk of 100 MB, over rest', direction: 'at most', bound: 160 },
  { suite: 'memory', work: 'eight bulks of 100 MB at once, over rest', direction: 'at most', bound: 600 },
  ...['new directory', '100,000 pairs', '1,000,000 pairs'].map((state): Target => {
    const started = { contender: `${FREEHOLD}, ${state}`, peer: BARE_PROCESS };
    return { suite: 'start', work: 'start to ready', ...started, direction: 'at most', bound: 1.6 };
  }),
  { suite: 'moves', work: 'import, 100,000 × 1 kB', peer: READY_MADE, direction: 'at most', bound: 1.5 },
  { suite: 'disk', work: '10,000 × 10 kB', direction: 'at most', bound: 1.1 },
  { suite: 'disk', work: '100,000 × 100 B', direction: 'at most', bound: 2 },
];

export interface Verdict extends Target {
  /** The ratio to the peer, or the figure itself; absent where it was not measured. */
  readonly reached?: number;
  readonly met?: boolean;
}

/** Holds the targets of the suites that ran to what was measured. */
export function judge(measurements: readonly Measurement[], suites: readonly string[]): Verdict[] {
  return TARGETS.filter(({ suite }) => suites.includes(suite)).map(target => {
    const reached = reachedBy(target, measurements);
    if (reached === undefined) return target;
    return {
      ...target,
      reached,
      met: target.direction === 'at most' ? reached <= target.bound : reached >= target.bound,
    };
  });
}

function reachedBy(target: Target, measurements: readonly Measurement[]): number | undefined {
  const { suite, work, contender = FREEHOLD, peer, direction } = target;
  const find = (name: string): Measurement | undefined =>
    measurements.find(one => one.suite === suite && one.work === work && one.contender === name);
  const ours = find(contender);
  if (ours === undefined || peer === undefined) return ours && median(ours);
  const theirs = find(peer);
  if (theirs === undefined) return undefined;
  const speed = speedRatio(ours, theirs);
  return direction === 'at least' ? speed : 1 / speed;
}

/** How many times as fast one is as the other; or as small. */
export function speedRatio(one: Measurement, other: Measurement): number {
  const ratio = median(one) / median(other);
  return isRate(one.unit) ? ratio : 1 / ratio;
}

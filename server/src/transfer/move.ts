/** What pull and push have in common: from where to where, and how far. */
import type { ApiClient } from '../remote/api-client.ts';
import type { RemoteNamespace } from '../remote/namespaces.ts';
import type { MoveCounts, Reached } from './resume-state.ts';

export interface Place {
  readonly api: ApiClient;
  readonly namespace: RemoteNamespace;
}

export interface MoveOptions {
  readonly from: Place;
  readonly to: Place;
  /** Where to begin. */
  readonly reached: Reached;
  /** Is told of every place that was reached, and waited for. */
  readonly keep: (reached: Reached) => Promise<void>;
}

export function addCounts(one: MoveCounts, other: MoveCounts): MoveCounts {
  return {
    found: one.found + other.found,
    written: one.written + other.written,
    expiring: one.expiring + other.expiring,
    expired: one.expired + other.expired,
    gone: one.gone + other.gone,
  };
}

/**
 * What is wrong with the number of pairs that the destination has in the end; undefined where nothing is. It may have
 * had others before, and what expires may have done so meanwhile.
 */
export function findShortfall({ before, counts }: Reached, after: number): string | undefined {
  const { found, written, expiring, expired, gone } = counts;
  if (found !== written + expired + gone) {
    return `${found} pairs were found, but ${written} written, ${expired} expired and ${gone} gone`;
  }
  const least = written - expiring;
  const most = written + before;
  if (after >= least && after <= most) return undefined;
  return `the destination has ${after} pairs, and should have ${least === most ? least : `${least} to ${most}`}`;
}

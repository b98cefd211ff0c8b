/** Moves the pairs of a namespace of a Freehold server into one that only the REST API reaches, bulk by bulk. */
import { LIMITS } from '../kv/limits.ts';
import { OperatorError } from '../operator-error.ts';
import { membersOf } from '../remote/api-answer.ts';
import { namespacePath } from '../remote/namespaces.ts';
import type { Timer } from '../remote/timer.ts';
import { packBulks } from './bulk-packer.ts';
import { TRANSFER } from './constants.ts';
import { ExportCutOff } from './export-format.ts';
import { exportLines } from './export-stream.ts';
import { addCounts, type MoveOptions, type Place } from './move.ts';
import { type PushedBulk, selectItems } from './pushed-bulk.ts';
import type { MoveCounts } from './resume-state.ts';

/** A pair that expires sooner is refused by the REST API, and with some to spare, for a call takes its time. */
const SECONDS_LEFT_MIN = LIMITS.expirationTtlSecondsMin + 30;

/** So often keys are written again that a server has not stored. */
const WRITES_MAX = 4;

/** So often an export is begun again of which nothing came. */
const STALLS_MAX = 5;

export interface PushOptions extends MoveOptions {
  readonly timer: Timer;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
}

/** What has moved in all. Throws an `OperatorError`; what `keep` was told by then is done. */
export async function pushPairs(options: PushOptions): Promise<MoveCounts> {
  const { from, to, keep, timer, signal } = options;
  let { reached } = options;
  for (let stalls = 0; ; stalls++) {
    try {
      for await (const bulk of exportedBulks(from, reached.place)) {
        const selected = selectItems(bulk, Math.floor(timer.now() / 1_000) + SECONDS_LEFT_MIN);
        await writeAll(to, selected, options);
        reached = { ...reached, place: selected.lastKey, counts: addCounts(reached.counts, selected.counts) };
        await keep(reached);
        stalls = 0;
      }
      return reached.counts;
    } catch (error) {
      // A server ends an export that holds up what is written meanwhile. What comes behind is of a later instant.
      if (!(error instanceof ExportCutOff) || stalls === STALLS_MAX) throw error;
      await timer.sleep(1_000 * 2 ** stalls, signal);
    }
  }
}

function exportedBulks({ api, namespace }: Place, after: string) {
  const selection = { show: 'pairs', ...(after !== '' && { after }) } as const;
  const lines = exportLines(api, namespace, selection, () => {});
  return packBulks(lines, { pairsMax: TRANSFER.pushedPairsMax, bytesMax: TRANSFER.pushedBytesMax });
}

/** A server that keeps its pairs in several places may have stored some of them only, and names the others. */
async function writeAll(to: Place, bulk: PushedBulk, { timer, signal }: PushOptions): Promise<void> {
  let left = bulk.items;
  for (let write = 1; left.length > 0; write++) {
    const missing = new Set(await writeOnce(to, joinItems(left)));
    if (missing.size === 0) return;
    if (write === WRITES_MAX) {
      throw new OperatorError(`${to.api.url} has not stored ${missing.size} pairs, after ${WRITES_MAX} attempts`);
    }
    left = left.filter(item => missing.has(JSON.parse(item.toString()).key));
    await timer.sleep(1_000 * 2 ** write, signal);
  }
}

function joinItems(items: readonly Buffer[]): Buffer {
  const comma = Buffer.from(',');
  return Buffer.concat([
    Buffer.from('['),
    ...items.flatMap((item, index) => (index === 0 ? [item] : [comma, item])),
    Buffer.from(']'),
  ]);
}

/** Answers the keys that were not stored. */
async function writeOnce({ api, namespace }: Place, body: Buffer): Promise<readonly string[]> {
  const { result } = await api.json(
    { method: 'PUT', path: `${namespacePath(namespace)}/bulk`, contentType: 'application/json', body },
    answer => {
      const { unsuccessful_keys: keys = [] } = membersOf(answer);
      return Array.isArray(keys) && keys.every(key => typeof key === 'string') ? keys : undefined;
    },
  );
  return result;
}

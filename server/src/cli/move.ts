/** `freehold pull` and `freehold push`: namespaces from Cloudflare, or what speaks like it, to a Freehold server, and back. */
import type { MoveConfig } from '../config/move.ts';
import { interruptible } from '../interruption.ts';
import { OperatorError } from '../operator-error.ts';
import { grouped, pairAmount } from '../pair-amount.ts';
import { Progress } from '../progress.ts';
import { ApiClient } from '../remote/api-client.ts';
import { findNamespace, listNamespaces, type RemoteNamespace } from '../remote/namespaces.ts';
import { countKeys } from '../remote/pairs.ts';
import { withServer } from '../remote/server-address.ts';
import { systemTimer } from '../remote/timer.ts';
import { shown } from '../shown.ts';
import { writeResult } from '../standard-output.ts';
import { countListed } from '../transfer/listed-page.ts';
import { ensureNamespace, lookForNamespace, type WantedNamespace } from '../transfer/make-namespace.ts';
import { findShortfall, type MoveOptions, type Place } from '../transfer/move.ts';
import { pullPairs } from '../transfer/pull.ts';
import { pushPairs } from '../transfer/push.ts';
import { type MoveCounts, NOTHING_MOVED, type Reached, ResumeState } from '../transfer/resume-state.ts';

/** A direction. */
interface Way {
  readonly command: 'pull' | 'push';
  readonly from: End;
  readonly to: End;
  move(options: MoveOptions): Promise<MoveCounts>;
}

/** One of the two servers. */
interface End {
  readonly api: ApiClient;
  /** Absent where it is the one that the namespace is in. */
  readonly account?: string;
  /** Whether a namespace is made with an id that was chosen elsewhere. */
  readonly takesIds: boolean;
  count(place: Place): Promise<number>;
}

export function pull(config: MoveConfig): Promise<void> {
  return betweenServers(config, (freehold, cloudflare) => {
    const move = (options: MoveOptions) => pullPairs(options);
    return { command: 'pull', from: cloudflare, to: freehold, move };
  });
}

export function push(config: MoveConfig): Promise<void> {
  return betweenServers(config, (freehold, cloudflare, signal) => {
    const move = (options: MoveOptions) => pushPairs({ ...options, timer: systemTimer, signal });
    return { command: 'push', from: freehold, to: cloudflare, move };
  });
}

const CLOUDFLARE_HOST = 'api.cloudflare.com';
/** What Cloudflare lets a user make of calls; who makes more is refused for as long. */
const CLOUDFLARE_PACE = { calls: 1_200, windowMs: 300_000 };

function betweenServers(
  config: MoveConfig,
  way: (freehold: End, cloudflare: End, signal: AbortSignal) => Way,
): Promise<void> {
  const { remote, account, cloudflare } = config;
  return interruptible(signal =>
    withServer(remote, { readOnly: false, signal }, async api => {
      const isCloudflare = new URL(cloudflare.url).hostname === CLOUDFLARE_HOST;
      const other = new ApiClient({ ...cloudflare, signal, ...(isCloudflare && { pace: CLOUDFLARE_PACE }) });
      try {
        const freehold: End = {
          api,
          ...(account !== undefined && { account }),
          takesIds: true,
          count: place => countKeys(place.api, place.namespace),
        };
        const { id } = cloudflare;
        const far: End = { api: other, account: id, takesIds: !isCloudflare, count: countListed };
        await moveAll(way(freehold, far, signal), config);
      } finally {
        await other.close();
      }
    }),
  );
}

async function moveAll(way: Way, config: MoveConfig): Promise<void> {
  const namespaces = await chosenNamespaces(way.from, config);
  const moved: object[] = [];
  const wrong: string[] = [];
  for (const namespace of namespaces) {
    const from = { api: way.from.api, namespace };
    if (config.dryRun) {
      await tellWhatWouldBe(way, from);
      continue;
    }
    const { shortfall, ...result } = await moveOne(way, from, config);
    moved.push(result);
    if (shortfall !== undefined) wrong.push(`${nameOf(namespace)}: ${shortfall}`);
  }
  if (config.json && !config.dryRun) await writeResult(`${JSON.stringify({ namespaces: moved })}\n`);
  if (wrong.length > 0) throw new OperatorError(wrong.join('; '));
}

async function chosenNamespaces({ api, account }: End, { namespaces }: MoveConfig): Promise<RemoteNamespace[]> {
  if (namespaces === 'all') return listNamespaces(api, account);
  const found: RemoteNamespace[] = [];
  for (const name of namespaces) found.push(await findNamespace(api, name, account));
  return found;
}

/** The same id and title in the account at that end. */
function wantedAt({ account, takesIds }: End, { namespace }: Place): WantedNamespace & { readonly takesIds: boolean } {
  const { id, title, account: home } = namespace;
  return { account: account ?? home, id, title, takesIds };
}

async function tellWhatWouldBe({ from, to, command }: Way, source: Place): Promise<void> {
  const pairs = await from.count(source);
  const found = await lookForNamespace(to.api, wantedAt(to, source));
  const into = found === undefined ? 'a namespace that is to be made' : `${nameOf(found)}, which is there`;
  process.stderr.write(`would ${command} ${pairAmount(pairs)} of ${nameOf(source.namespace)} into ${into}\n`);
}

async function moveOne(way: Way, from: Place, config: MoveConfig) {
  const namespace = await ensureNamespace(way.to.api, wantedAt(way.to, from), config);
  const to = { api: way.to.api, namespace };
  const state = new ResumeState(config.stateDirectory, { command: way.command, from: named(from), to: named(to) });
  const begun = config.restart ? undefined : await state.read();
  const reached = begun ?? { place: '', counts: NOTHING_MOVED, before: await way.to.count(to) };
  if (begun === undefined) await state.write(reached);
  else tellGoingOn(begun);
  const counts = await moveWithProgress(way, { from, to, reached, keep: at => state.write(at) });
  await state.remove();
  const after = await way.to.count(to);
  const shortfall = findShortfall({ ...reached, counts }, after);
  tellCounts(counts, after);
  return { ...namespace, ...counts, before: reached.before, after, shortfall };
}

async function moveWithProgress(way: Way, options: MoveOptions): Promise<MoveCounts> {
  const { from, reached, keep } = options;
  const progress = new Progress({ label: `${way.command}ing ${shown(from.namespace.title)}`, unit: 'pairs' });
  const total = way.command === 'push' ? await way.from.count(from) : undefined;
  let last = reached;
  try {
    const counts = await way.move({
      ...options,
      keep: async at => {
        await keep(at);
        last = at;
        progress.report(at.counts.found, total);
      },
    });
    progress.report(counts.found, total);
    progress.end();
    return counts;
  } catch (error) {
    progress.stop();
    process.stderr.write(`${pairAmount(last.counts.found)} done with: the same command goes on from there\n`);
    throw error;
  }
}

function named({ api, namespace: { account, id } }: Place): string[] {
  return [api.url, account, id];
}

function nameOf({ title, id }: RemoteNamespace): string {
  return `${shown(title)} (${id})`;
}

function tellGoingOn({ counts }: Reached): void {
  process.stderr.write(
    `going on after ${pairAmount(counts.found)}, where an earlier run has stopped; --restart begins anew\n`,
  );
}

function tellCounts({ found, written, expired, gone }: MoveCounts, after: number): void {
  const others = [
    expired > 0 && `${grouped(expired)} expired or about to`,
    gone > 0 && `${grouped(gone)} gone meanwhile`,
  ].filter(Boolean);
  const counts = [
    `${pairAmount(found)} found`,
    `${grouped(written)} written`,
    ...others,
    `${grouped(after)} at the destination`,
  ];
  process.stderr.write(`${counts.join(', ')}\n`);
}

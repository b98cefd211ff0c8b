/** Copying pairs into another namespace, or under another prefix; a move removes them where they were. */
import { EngineError, type NamespaceAddress } from '../../kv/engine.ts';
import { KvError } from '../../kv/errors.ts';
import { PrefixChange } from '../../kv/prefix-change.ts';
import { type Puts, pairCount, selectPairs } from '../../kv/puts.ts';
import { type CopyRequest, decodeCopy } from '../../kv/transfer-request.ts';
import type { Call } from '../call.ts';
import type { Route } from '../route.ts';
import { readTransfer } from './clear.ts';
import { keysTaken, onConflictOf } from './conflicts.ts';
import { CopyPreview } from './copy-preview.ts';
import { PAIRS } from './namespace.ts';
import { PairWalk } from './pair-walk.ts';
import { PROGRESS, Progress, type Work } from './progress.ts';
import { COPY } from './transfer-schemas.ts';

export const COPY_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: `${PAIRS}/copy`,
    id: 'copyPairs',
    summary: 'Copy or move pairs into another namespace, or under another prefix',
    access: 'change',
    operation: 'copy',
    body: { 'application/json': COPY },
    answer: PROGRESS,
    handle: copyPairs,
  },
];

async function copyPairs(call: Call): Promise<Progress> {
  const { namespace } = call;
  const request = decodeCopy(await readTransfer(call), namespace);
  await call.engine.getNamespace(call.covered(request.to));
  return new Progress(call, await Copy.open(call, namespace, request));
}

interface CopyParts {
  readonly call: Call;
  readonly from: NamespaceAddress;
  readonly request: CopyRequest;
  readonly change: PrefixChange;
  readonly preview?: CopyPreview;
  readonly walk?: PairWalk;
}

class Copy implements Work {
  readonly #call: Call;
  readonly #from: NamespaceAddress;
  readonly #request: CopyRequest;
  readonly #change: PrefixChange;
  /** What a dry run is about; else done first, where something could be wrong that is to be told before all. */
  readonly #preview: CopyPreview | undefined;
  #walk: PairWalk | undefined;
  #looked = 0;
  #pairs = 0;
  #skipped = 0;
  #removed = 0;

  private constructor(parts: CopyParts) {
    const { call, from, request, change, preview, walk } = parts;
    this.#call = call;
    this.#from = from;
    this.#request = request;
    this.#change = change;
    this.#preview = preview;
    this.#walk = walk;
  }

  static async open(call: Call, from: NamespaceAddress, request: CopyRequest): Promise<Copy> {
    const change = new PrefixChange(request.prefix, request.toPrefix);
    const parts = { call, from, request, change };
    const looksFirst = request.dryRun || request.onConflict === 'fail' || change.canFault;
    if (looksFirst) return new Copy({ ...parts, preview: await CopyPreview.open(call, from, request, change) });
    return new Copy({ ...parts, walk: await openWalk(call, from, request) });
  }

  get hasChanged(): boolean {
    return this.#pairs > 0;
  }

  get tally(): Work['tally'] {
    const { dryRun, move } = this.#request;
    if (dryRun) return { pairs: 0, ...this.#preview?.tally };
    return {
      pairs: this.#pairs,
      skipped: this.#skipped,
      ...(move && { stayed: this.#pairs - this.#removed }),
      instants: this.#walk?.instants ?? 0,
    };
  }

  async step(): Promise<boolean> {
    if (this.#walk === undefined) return await this.#look();
    const puts = await this.#walk.next();
    if (puts === undefined) return false;
    await this.#copy(puts);
    return true;
  }

  end(isDone: boolean): void {
    this.#preview?.close();
    this.#walk?.pause();
    const { move, dryRun, to } = this.#request;
    if (!move || dryRun || !(isDone || this.hasChanged)) return;
    const { account, id: namespace } = this.#from;
    const target = { account: to.account, namespace: to.id };
    this.#call.audit('pairs.move', { account, namespace, to: target, count: this.#removed });
  }

  async #look(): Promise<boolean> {
    if (await this.#preview?.step()) return true;
    if (this.#request.dryRun) return false;
    this.#preview?.close();
    this.#walk = await openWalk(this.#call, this.#from, this.#request);
    return true;
  }

  /** What is moved is removed only when its copy is durable, and only as it was copied. */
  async #copy(found: Puts): Promise<void> {
    const { to, onConflict, move } = this.#request;
    // Pairs that were written since the first look.
    const wrong = this.#change.canFault ? this.#change.fault(found, this.#looked) : undefined;
    if (wrong !== undefined) throw new KvError([wrong]);
    this.#looked += pairCount(found);
    // A copy, because the engine keeps what it writes.
    const puts = this.#change.apply(found);
    const { engine } = this.#call;
    const { failedKeys, skipped = [], conflicts } = await engine.write(to, { puts, ...onConflictOf(onConflict) });
    if (conflicts !== undefined) throw keysTaken(conflicts);
    if (failedKeys.length > 0) throw new EngineError('unavailable', 'some pairs could not be written');
    this.#pairs += pairCount(found) - skipped.length;
    this.#skipped += skipped.length;
    if (move) this.#removed += await engine.removeUnchanged(this.#from, without(found, skipped));
  }
}

function openWalk(call: Call, from: NamespaceAddress, { prefix }: CopyRequest): Promise<PairWalk> {
  return PairWalk.open(call, from, { prefix, values: true });
}

function without(puts: Puts, skipped: readonly number[]): Puts {
  if (skipped.length === 0) return puts;
  const left = new Set(skipped);
  return selectPairs(
    puts,
    Array.from({ length: pairCount(puts) }, (_, pair) => pair).filter(pair => !left.has(pair)),
  );
}

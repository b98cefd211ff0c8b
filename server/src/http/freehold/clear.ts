/** Removing the pairs of a namespace, or those whose keys begin with a prefix. */
import type { NamespaceAddress } from '../../kv/engine.ts';
import { kvError } from '../../kv/errors.ts';
import { LIMITS } from '../../kv/limits.ts';
import { keyOf, pairCount } from '../../kv/puts.ts';
import { type ClearRequest, decodeClear } from '../../kv/transfer-request.ts';
import type { Call } from '../call.ts';
import { readJson } from '../json-body.ts';
import type { Route } from '../route.ts';
import { PAIRS } from './namespace.ts';
import { PairWalk } from './pair-walk.ts';
import { PROGRESS, Progress, type Work } from './progress.ts';
import { CLEAR } from './transfer-schemas.ts';

export const CLEAR_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: `${PAIRS}/clear`,
    id: 'clearPairs',
    summary: 'Remove all pairs, or those whose keys begin with a prefix',
    access: 'change',
    operation: 'clear',
    body: { 'application/json': CLEAR },
    answer: PROGRESS,
    handle: clearPairs,
  },
];

async function clearPairs(call: Call): Promise<Progress> {
  const { namespace } = call;
  const request = decodeClear(await readTransfer(call));
  const walk = await PairWalk.open(call, namespace, { prefix: request.prefix, values: false });
  return new Progress(call, new Clear(call, namespace, request, walk));
}

export function readTransfer(call: Call): Promise<Readonly<Record<string, unknown>>> {
  return readJson(call, detail => kvError('memberInvalid', { member: 'body', expected: `a JSON object (${detail})` }));
}

class Clear implements Work {
  readonly tally = { pairs: 0 };
  readonly #call: Call;
  readonly #address: NamespaceAddress;
  readonly #dryRun: boolean;
  readonly #walk: PairWalk;
  /** Found, and still there. */
  readonly #keys: string[] = [];

  constructor(call: Call, address: NamespaceAddress, { dryRun }: ClearRequest, walk: PairWalk) {
    this.#call = call;
    this.#address = address;
    this.#dryRun = dryRun;
    this.#walk = walk;
  }

  get hasChanged(): boolean {
    return !this.#dryRun && this.tally.pairs > 0;
  }

  async step(): Promise<boolean> {
    const isLast = await this.#findKeys();
    const keys = this.#keys.splice(0, LIMITS.bulkDeleteKeys);
    if (keys.length === 0) return false;
    if (!this.#dryRun) {
      // A scan that stayed open would have the log grow by all that is cleared.
      this.#walk.pause();
      const { failedKeys } = await this.#call.engine.write(this.#address, { deletes: keys });
      this.tally.pairs -= failedKeys.length;
    }
    this.tally.pairs += keys.length;
    return !isLast;
  }

  end(isDone: boolean): void {
    this.#walk.pause();
    if (!this.hasChanged && (this.#dryRun || !isDone)) return;
    const { account, id: namespace } = this.#address;
    this.#call.audit('pairs.clear', { account, namespace, count: this.tally.pairs });
  }

  /** As many as are removed at once. Answers whether these are the last. */
  async #findKeys(): Promise<boolean> {
    while (this.#keys.length < LIMITS.bulkDeleteKeys) {
      const puts = await this.#walk.next();
      if (puts === undefined) return true;
      for (let pair = 0; pair < pairCount(puts); pair++) this.#keys.push(keyOf(puts, pair));
    }
    return false;
  }
}

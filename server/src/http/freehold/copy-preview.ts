/** A look at what a copy will meet, before anything is written. */
import type { NamespaceAddress } from '../../kv/engine.ts';
import { KvError } from '../../kv/errors.ts';
import type { PrefixChange } from '../../kv/prefix-change.ts';
import { type Puts, pairCount } from '../../kv/puts.ts';
import type { CopyRequest } from '../../kv/transfer-request.ts';
import type { Call } from '../call.ts';
import { keysTaken } from './conflicts.ts';
import { KeyLookup } from './key-lookup.ts';
import { PairWalk } from './pair-walk.ts';

/** Keys in the way of a copy that are named. */
const KEYS_NAMED_MAX = 12;

export class CopyPreview {
  readonly tally = { pairs: 0, skipped: 0 };
  readonly #walk: PairWalk;
  /** Of the keys at the target, where it makes a difference which are there. */
  readonly #there: KeyLookup | undefined;
  readonly #request: CopyRequest;
  readonly #change: PrefixChange;
  readonly #inTheWay: string[] = [];
  #looked = 0;
  #conflicts = 0;

  private constructor(walk: PairWalk, there: KeyLookup | undefined, request: CopyRequest, change: PrefixChange) {
    this.#walk = walk;
    this.#there = there;
    this.#request = request;
    this.#change = change;
  }

  static async open(
    call: Call,
    from: NamespaceAddress,
    request: CopyRequest,
    change: PrefixChange,
  ): Promise<CopyPreview> {
    const { prefix, to, toPrefix, onConflict } = request;
    const walk = await PairWalk.open(call, from, { prefix, values: false });
    if (onConflict === 'overwrite') return new CopyPreview(walk, undefined, request, change);
    try {
      const there = await PairWalk.open(call, to, { prefix: toPrefix, values: false });
      return new CopyPreview(walk, new KeyLookup(there), request, change);
    } catch (error) {
      walk.pause();
      throw error;
    }
  }

  /**
   * Answers whether there is anything left to look at.
   * @throws {KvError} what is wrong with a key that gets another prefix; behind the last, `keysTaken`.
   */
  async step(): Promise<boolean> {
    const puts = await this.#walk.next();
    if (puts === undefined) {
      if (this.#request.onConflict !== 'fail' || this.#conflicts === 0) return false;
      throw keysTaken({ count: this.#conflicts, keys: this.#inTheWay });
    }
    const wrong = this.#change.canFault ? this.#change.fault(puts, this.#looked) : undefined;
    if (wrong !== undefined) throw new KvError([wrong]);
    this.#looked += pairCount(puts);
    await this.#look(puts);
    this.tally.pairs = this.#looked - this.#conflicts;
    this.tally.skipped = this.#conflicts;
    return true;
  }

  close(): void {
    this.#walk.pause();
    this.#there?.close();
  }

  async #look(puts: Puts): Promise<void> {
    if (this.#there === undefined) return;
    for (let pair = 0; pair < pairCount(puts); pair++) {
      const key = this.#change.key(puts, pair);
      if (!(await this.#there.has(key))) continue;
      this.#conflicts++;
      if (this.#inTheWay.length < KEYS_NAMED_MAX) this.#inTheWay.push(key.toString());
    }
  }
}

/**
 * The pairs of a range for work that changes what it walks through, or changes much beside it. A scan keeps the log from
 * beginning anew, and is ended where that has grown too long: then the walk goes on behind the last pair, as of a later
 * instant.
 */
import { EngineError, type NamespaceAddress, type ScanRange } from '../../kv/engine.ts';
import { keyOf, type Puts, pairCount } from '../../kv/puts.ts';
import type { Call } from '../call.ts';
import { PairBatches } from './pair-batches.ts';

export class PairWalk {
  readonly #call: Call;
  readonly #address: NamespaceAddress;
  readonly #range: Omit<ScanRange, 'after'>;
  #batches: PairBatches | undefined;
  #after = '';
  #instants = 1;

  private constructor(call: Call, address: NamespaceAddress, range: Omit<ScanRange, 'after'>) {
    this.#call = call;
    this.#address = address;
    this.#range = range;
  }

  static async open(call: Call, address: NamespaceAddress, range: Omit<ScanRange, 'after'>): Promise<PairWalk> {
    const walk = new PairWalk(call, address, range);
    walk.#batches = await PairBatches.open(call, address, { ...range, after: '' });
    return walk;
  }

  /** As of how many instants pairs were found. */
  get instants(): number {
    return this.#instants;
  }

  /** In place of the pairs before, which nobody may hold on to any more. Undefined behind the last. */
  async next(): Promise<Puts | undefined> {
    for (;;) {
      const batches = this.#batches ?? (await this.#goOn());
      try {
        const puts = await batches.next();
        if (puts !== undefined) this.#after = keyOf(puts, pairCount(puts) - 1);
        return puts;
      } catch (error) {
        if (!(error instanceof EngineError) || error.reason !== 'scanEnded') throw error;
        this.pause();
      }
    }
  }

  /** Lets go of the instant, so that the log can begin anew. Harmless when repeated, and at the end. */
  pause(): void {
    this.#batches?.close();
    this.#batches = undefined;
  }

  /** However many scans are under way: it was let in when it began. */
  async #goOn(): Promise<PairBatches> {
    const range = { ...this.#range, after: this.#after };
    this.#batches = await PairBatches.open(this.#call, this.#address, range, Number.POSITIVE_INFINITY);
    this.#instants++;
    return this.#batches;
  }
}

/** Whether keys are there, for many that are asked for in ascending order. */
import { type Puts, pairCount, partOf } from '../../kv/puts.ts';
import type { PairWalk } from './pair-walk.ts';

export class KeyLookup {
  readonly #walk: PairWalk;
  #puts: Puts | undefined;
  #pair = 0;
  #isOver = false;

  /** Over all keys that may be asked for. */
  constructor(walk: PairWalk) {
    this.#walk = walk;
  }

  async has(key: Buffer): Promise<boolean> {
    for (;;) {
      const next = await this.#next();
      if (next === undefined) return false;
      const order = Buffer.compare(next, key);
      if (order >= 0) return order === 0;
      this.#pair++;
    }
  }

  close(): void {
    this.#walk.pause();
  }

  /** The first key that is not before those that were asked for. */
  async #next(): Promise<Uint8Array | undefined> {
    while (!this.#isOver && (this.#puts === undefined || this.#pair === pairCount(this.#puts))) {
      this.#puts = await this.#walk.next();
      this.#pair = 0;
      this.#isOver = this.#puts === undefined;
    }
    return this.#puts && partOf(this.#puts, this.#pair, 'key');
  }
}

/** Keys that get another prefix in place of the one with which they begin. */
import { type Fault, shownKey } from './errors.ts';
import { keyFault } from './keys.ts';
import { OFFSETS_PER_PAIR, type Puts, pairCount, partOf } from './puts.ts';

/** Shorter keys than this may be among the forbidden ones. */
const FREE_KEY_BYTES_MIN = 3;

export class PrefixChange {
  readonly #from: Buffer;
  readonly #to: Buffer;

  constructor(from: string, to: string) {
    this.#from = Buffer.from(from);
    this.#to = Buffer.from(to);
  }

  /** Whether a key that is good could become one that is not. */
  get canFault(): boolean {
    if (this.#from.equals(this.#to)) return false;
    return this.#to.length > this.#from.length || this.#to.length < FREE_KEY_BYTES_MIN;
  }

  /** What is wrong with the first key that would become a bad one, if there is one. `index` is the first pair's. */
  fault(puts: Puts, index: number): Fault | undefined {
    for (let pair = 0; pair < pairCount(puts); pair++) {
      const key = this.key(puts, pair).toString();
      const wrong = keyFault(key);
      if (wrong !== undefined) return { ...wrong, item: { index: index + pair, key: shownKey(key) } };
    }
    return undefined;
  }

  /** As it becomes. */
  key(puts: Puts, pair: number): Buffer {
    return Buffer.concat([this.#to, partOf(puts, pair, 'key').subarray(this.#from.length)]);
  }

  /** The pairs with other keys, in an arena of their own: behind all else lie the keys. */
  apply({ arena, offsets, expiresAt }: Puts): Puts {
    const [from, to] = [this.#from.length, this.#to];
    const changed = offsets.slice();
    let end = arena.length;
    for (let at = 0; at < offsets.length; at += OFFSETS_PER_PAIR) {
      changed[at] = end;
      end += to.length + (offsets[at + 1] ?? 0) - (offsets[at] ?? 0) - from;
      changed[at + 1] = end;
    }
    const bytes = new Uint8Array(end);
    bytes.set(arena);
    for (let at = 0; at < offsets.length; at += OFFSETS_PER_PAIR) {
      const start = changed[at] ?? 0;
      bytes.set(to, start);
      bytes.set(arena.subarray((offsets[at] ?? 0) + from, offsets[at + 1]), start + to.length);
    }
    return { arena: bytes, offsets: changed, expiresAt: expiresAt.slice() };
  }
}

/**
 * A writer that has keys to itself and changes them one request at a time. So, whenever the server dies, at most one
 * change of it is unacknowledged, and what must be found afterwards is known: all of the state before that change, or
 * all of the state after it.
 */
import type { Namespace, Pair, Pairs } from './namespace.fixture.ts';
import type { Random } from './random.fixture.ts';

export interface PairLaneSize {
  readonly name: string;
  /** Keys that the lane has. */
  readonly keys: number;
  /** Of a value, about. */
  readonly characters: number;
  /** Whether one request changes all keys, or one of them. */
  readonly bulk: boolean;
}

/** A pair, or null for a deleted one, for each key that a request changes. */
type Change = Map<string, Pair | null>;

export class PairLane {
  readonly name: string;
  readonly keys: readonly string[];
  readonly #size: PairLaneSize;
  #version = 0;
  #acknowledged: Pairs = new Map();
  #pending: Change = new Map();

  constructor(size: PairLaneSize) {
    this.name = size.name;
    this.keys = Array.from({ length: size.keys }, (_, index) => `${size.name}/${String(index).padStart(5, '0')} ✓`);
    this.#size = size;
  }

  /** The states that may be found: that before the unacknowledged change, and that after it. */
  get possible(): readonly [Pairs, Pairs] {
    return [this.#acknowledged, withChange(this.#acknowledged, this.#pending)];
  }

  /** Makes changes until one fails. */
  async run(namespace: Namespace, random: Random, onAcknowledged: () => void): Promise<never> {
    for (;;) {
      this.#pending = this.#nextChange(random);
      await this.#send(namespace, this.#pending);
      this.#acknowledged = withChange(this.#acknowledged, this.#pending);
      this.#pending = new Map();
      onAcknowledged();
    }
  }

  /** Goes on from the state that was found. */
  adopt(found: Pairs): void {
    this.#acknowledged = found;
    this.#pending = new Map();
  }

  #nextChange(random: Random): Change {
    this.#version++;
    const deletes = random.chance(0.25);
    const keys = this.#size.bulk ? this.keys : this.#someKey(random);
    return new Map(keys.map(key => [key, deletes ? null : this.#pair(key, random)]));
  }

  #someKey(random: Random): string[] {
    const index = random.below(this.keys.length);
    return this.keys.slice(index, index + 1);
  }

  #pair(key: string, random: Random): Pair {
    const { characters } = this.#size;
    const value = `${key} in version ${this.#version}, ünïcödé ☕; `;
    const length = random.below(characters * 2);
    return {
      value: value + value.repeat(Math.ceil(length / value.length)).slice(0, length),
      metadata: [this.#version],
    };
  }

  async #send(namespace: Namespace, change: Change): Promise<void> {
    const [first] = change;
    if (first === undefined) throw new Error('a change has at least one key');
    const [key, pair] = first;
    const puts: Pairs = withChange(new Map(), change);
    if (this.#size.bulk) await (pair === null ? namespace.bulkDelete([...change.keys()]) : namespace.bulkPut(puts));
    else await (pair === null ? namespace.delete(key) : namespace.put(key, pair));
  }
}

function withChange(pairs: Pairs, change: Change): Pairs {
  const changed = new Map(pairs);
  for (const [key, pair] of change) {
    if (pair === null) changed.delete(key);
    else changed.set(key, pair);
  }
  return changed;
}

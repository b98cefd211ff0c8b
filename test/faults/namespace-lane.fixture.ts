/**
 * A writer that has a namespace to itself: it makes, fills, renames and deletes it, again and again under one id. What
 * may be found is known as with a lane of pairs.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Namespace, Pairs } from './namespace.fixture.ts';
import type { Random } from './random.fixture.ts';

/** Undefined where the namespace is not there. */
type State = { readonly title: string; readonly pairs: Pairs } | undefined;

interface Change {
  readonly to: State;
  readonly send: (namespace: Namespace) => Promise<void>;
}

/** So many that removing them in the background takes more than one step. */
const PAIRS = 300;

export class NamespaceLane {
  #version = 0;
  #acknowledged: State;
  #pending: State;

  /** Makes changes until one fails. */
  async run(namespace: Namespace, random: Random, onAcknowledged: () => void): Promise<never> {
    for (;;) {
      const { to, send } = this.#nextChange(random);
      this.#pending = to;
      await send(namespace);
      this.#acknowledged = to;
      onAcknowledged();
    }
  }

  /** Goes on from what is found; throws where that is neither the state before the last change nor the one after it. */
  async adopt(namespace: Namespace): Promise<void> {
    const found = await read(namespace);
    if (!isDeepStrictEqual(found, this.#acknowledged) && !isDeepStrictEqual(found, this.#pending)) {
      throw new Error(
        `found ${shown(found)}, not ${shown(this.#acknowledged)}, which was acknowledged, nor ${shown(this.#pending)}`,
      );
    }
    this.#acknowledged = found;
    this.#pending = found;
  }

  #nextChange(random: Random): Change {
    this.#version++;
    const title = `title in version ${this.#version}`;
    const now = this.#acknowledged;
    if (now === undefined) return { to: { title, pairs: new Map() }, send: namespace => namespace.create(title) };
    if (random.chance(0.2)) return { to: { ...now, title }, send: namespace => namespace.rename(title) };
    if (random.chance(0.5)) return { to: undefined, send: namespace => namespace.remove() };
    const pairs = this.#pairs(random);
    return { to: { ...now, pairs }, send: namespace => namespace.bulkPut(pairs) };
  }

  #pairs(random: Random): Pairs {
    const value = `version ${this.#version} `.repeat(random.below(100));
    const names = Array.from({ length: PAIRS }, (_, index) => `key ${String(index).padStart(3, '0')}`);
    return new Map(names.map(name => [name, { value, metadata: this.#version }]));
  }
}

async function read(namespace: Namespace): Promise<State> {
  const title = await namespace.title();
  if (title === undefined) return undefined;
  return { title, pairs: await namespace.read([...(await namespace.list()).keys()]) };
}

function shown(state: State): string {
  if (state === undefined) return 'no namespace';
  const versions = new Set([...state.pairs.values()].map(({ metadata }) => metadata));
  return `"${state.title}" with ${state.pairs.size} pairs of the versions ${[...versions].join(', ')}`;
}

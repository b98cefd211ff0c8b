import type { Timer } from './timer.ts';

/** No more than so many calls begin in any window of so many milliseconds. */
export interface PaceLimit {
  readonly calls: number;
  readonly windowMs: number;
}

/** Holds calls back that would come too soon, in the order in which they come. */
export class Pace {
  readonly #limit: PaceLimit;
  readonly #timer: Timer;
  /** When the last calls began or are to begin; a ring, of which `#oldest` is written next. */
  readonly #begins: number[] = [];
  #oldest = 0;

  constructor(limit: PaceLimit, timer: Timer) {
    this.#limit = limit;
    this.#timer = timer;
  }

  /** Waits until the call may begin. Rejects when the signal is aborted. */
  async turn(signal: AbortSignal | undefined): Promise<void> {
    const { calls, windowMs } = this.#limit;
    const now = this.#timer.now();
    const begin = Math.max(now, (this.#begins[this.#oldest] ?? Number.NEGATIVE_INFINITY) + windowMs);
    this.#begins[this.#oldest] = begin;
    this.#oldest = (this.#oldest + 1) % calls;
    if (begin > now) await this.#timer.sleep(begin - now, signal);
  }
}

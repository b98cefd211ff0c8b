/** Does long work in steps. */
import type { Steps } from '../kv/steps.ts';

/** After each step that has nothing to wait for, the event loop takes a turn, so that other requests get theirs. */
export async function inTurns<Result>(steps: Steps<Result>): Promise<Result> {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    await (value ?? new Promise(setImmediate));
  }
}

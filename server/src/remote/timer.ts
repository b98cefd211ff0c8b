/** What waits: given to the parts that do, so that tests do not have to. */
import { setTimeout } from 'node:timers/promises';

export interface Timer {
  /** Milliseconds since the Unix epoch; never goes back. */
  now(): number;
  /** Rejects as soon as the signal is aborted. */
  sleep(ms: number, signal: AbortSignal | undefined): Promise<void>;
  /** From 0 to 1. */
  random(): number;
}

export const systemTimer: Timer = {
  now: () => performance.timeOrigin + performance.now(),
  sleep: (ms, signal) => setTimeout(ms, undefined, signal && { signal }),
  random: () => Math.random(),
};

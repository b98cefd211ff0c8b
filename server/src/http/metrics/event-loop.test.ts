import { setTimeout } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { EventLoopWatch } from './event-loop.ts';
import { ThreadFigures } from './thread-figures.ts';

const BLOCKED_SECONDS = 0.2;

it('tells by how much work came too late, in the window that has ended', async () => {
  const figures = new ThreadFigures(0);
  const watch = new EventLoopWatch(figures);
  onTestFinished(() => watch.stop());
  // A block is seen between two ticks of the watch's timer.
  while (figures.loopDelaySeconds < BLOCKED_SECONDS / 2) {
    watch.endWindow();
    await setTimeout(50);
    const end = performance.now() + BLOCKED_SECONDS * 1_000;
    while (performance.now() < end);
    await setTimeout(50);
    watch.endWindow();
  }
  expect(figures.loopActiveSeconds).toBeGreaterThanOrEqual(BLOCKED_SECONDS);
});

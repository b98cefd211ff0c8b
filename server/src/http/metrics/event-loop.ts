/** Watches how busy the thread's event loop is and how late it gets to its work. */
import type { ThreadFigures } from './thread-figures.ts';

const WINDOW_MS = 10_000;
const RESOLUTION_MS = 20;
const NS_PER_SECOND = 1e9;

/** Answers how to stop. What it needs of Node is loaded after the first window, out of the way of a start. */
export function watchEventLoop(figures: ThreadFigures): () => void {
  let watch: EventLoopWatch | undefined;
  const timer = setInterval(() => {
    watch ??= new EventLoopWatch(figures);
    watch.endWindow();
  }, WINDOW_MS).unref();
  return () => {
    clearInterval(timer);
    watch?.stop();
  };
}

export class EventLoopWatch {
  readonly #figures: ThreadFigures;
  readonly #delay: ReturnType<typeof import('node:perf_hooks').monitorEventLoopDelay>;

  constructor(figures: ThreadFigures) {
    const { monitorEventLoopDelay } = process.getBuiltinModule('node:perf_hooks');
    this.#figures = figures;
    this.#delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.#delay.enable();
  }

  /** Notes the figures of the window, and begins the next. */
  endWindow(): void {
    // What is measured is how far apart the ticks of a timer are.
    const excessNs = this.#delay.percentile(99) - RESOLUTION_MS * 1e6;
    this.#figures.loopDelaySeconds = Math.max(0, excessNs / NS_PER_SECOND);
    this.#figures.loopActiveSeconds = performance.eventLoopUtilization().active / 1_000;
    this.#delay.reset();
  }

  stop(): void {
    this.#delay.disable();
  }
}

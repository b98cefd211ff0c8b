/** Ends what is under way in order when Ctrl-C or SIGTERM asks for it. */
import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
/** What it may take to leave things in order. */
const ORDERLY_MS = 5_000;

/**
 * Does something that ends early when its signal is aborted. The process then says nothing more, and ends with the exit
 * code by which shells know the signal: 130 for Ctrl-C. Later signals change nothing, as under npm Ctrl-C comes twice.
 */
export async function interruptible(act: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const interrupt = (name: (typeof SIGNALS)[number]) => {
    const exitCode = 128 + constants.signals[name];
    controller.abort(exitCode);
    setTimeout(() => process.exit(exitCode), ORDERLY_MS).unref();
  };
  for (const name of SIGNALS) process.on(name, interrupt);
  try {
    await act(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    process.exitCode = controller.signal.reason;
  } finally {
    for (const name of SIGNALS) process.off(name, interrupt);
  }
}

/** The serving threads beside the main one, as that one sees them. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { EngineShare } from './data-directory.ts';
import { OperatorError } from './operator-error.ts';
import type { ServingCommand, ServingOptions, ServingReport } from './serving-messages.ts';

export interface ServingEvents {
  readonly onLogLine: (line: string) => void;
  /** Called when a thread has died that served, and its connections with it. */
  readonly onDefect: (error: Error) => void;
}

export class ServingThreads {
  readonly #threads: readonly (readonly [ServingThread, EngineShare])[];

  /** They load their code, and wait. */
  constructor(shares: readonly EngineShare[], events: ServingEvents) {
    this.#threads = shares.map(share => [new ServingThread(events), share] as const);
  }

  /** Fulfilled when all listen. Rejects with an `OperatorError` where one cannot. */
  async serve(options: Omit<ServingOptions, 'share' | 'thread'>): Promise<void> {
    await Promise.all(
      this.#threads.map(([thread, share], index) => thread.serve({ ...options, share, thread: index + 1 })),
    );
  }

  /** Stops accepting, and ends each thread when what it has in flight was answered. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map(([thread]) => thread.close()));
  }
}

class ServingThread {
  readonly #worker: Worker;
  readonly #events: ServingEvents;
  readonly #listening = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  #isListening = false;
  #closing = false;
  #thrown: Error | undefined;

  constructor(events: ServingEvents) {
    this.#events = events;
    // From source as from compiled code.
    const entry = new URL(`./serving-thread${extname(import.meta.url)}`, import.meta.url);
    this.#worker = new Worker(entry, { name: 'freehold-serving' });
    this.#worker.on('message', (report: ServingReport) => this.#receive(report));
    // Its last reports come between its error and its exit.
    this.#worker.on('error', error => {
      this.#thrown = asError(error);
    });
    this.#worker.on('exit', code => this.#onExit(code));
    // It may fail before anybody waits for it to listen.
    this.#listening.promise.catch(() => {});
  }

  serve(options: ServingOptions): Promise<void> {
    this.#worker.postMessage({ kind: 'serve', options } satisfies ServingCommand, [options.share.port]);
    return this.#listening.promise;
  }

  close(): Promise<void> {
    this.#closing = true;
    this.#worker.postMessage({ kind: 'close' } satisfies ServingCommand);
    return this.#ended.promise;
  }

  #receive(report: ServingReport): void {
    if (report.kind === 'logLine') {
      this.#events.onLogLine(report.line);
      return;
    }
    this.#isListening = true;
    this.#listening.resolve();
  }

  #onExit(code: number): void {
    const orderly = this.#closing && code === 0;
    if (this.#thrown !== undefined || !orderly) {
      this.#fail(this.#thrown ?? new Error(`a serving thread has ended with code ${code}`));
    }
    this.#ended.resolve();
  }

  #fail(error: Error): void {
    if (this.#isListening) this.#events.onDefect(error);
    else this.#listening.reject(new OperatorError(`a serving thread cannot start: ${error.message}`, { cause: error }));
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

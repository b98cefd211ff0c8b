/**
 * Copies the log into the database in a thread of its own, so that no write waits for it: the writer goes on meanwhile.
 * The thread is there for as long as there is work for it.
 */
import { extname } from 'node:path';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { SQLITE } from './constants.ts';

/** Where the thread is, in memory that both sides share, so that each can wait for the other. */
export type CopierState = Int32Array<SharedArrayBuffer>;
/** Its code is being loaded, and nothing is open. */
export const STARTING = 0;
export const COPYING = 1;
/** Its connection is open, and waits to be told. */
export const RESTING = 2;
/** It is about to close its connection. */
export const ENDING = 3;
/** Nothing is open any more. */
export const ENDED = 4;
/** As ended, but not in its own way: it could not even begin, or broke down. */
export const UNABLE = 5;
/** As ended, by an error that forbids to go on; a message tells which. */
export const FAILED = 6;

/** The `workerData` of the thread. */
export interface CopierOptions {
  readonly file: string;
  readonly state: CopierState;
  /** Takes the text of the error that a copy has failed with. */
  readonly failures: MessagePort;
}

interface CopierThread {
  readonly state: CopierState;
  readonly failures: MessagePort;
  failure?: Error;
}

export class LogCopier {
  readonly #file: string;
  #thread: CopierThread | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /**
   * Has what is in the log now copied, as far as no reader needs the older pages; does nothing while that is under way.
   * Returns false where no thread can be had now. Throws what an earlier copy has failed with.
   */
  copy(): boolean {
    switch (this.#state) {
      case ENDED:
        return this.#start();
      case UNABLE:
        // The next call tries anew.
        this.#thread = undefined;
        return false;
      case RESTING:
        this.#change(RESTING, COPYING);
    }
    this.#throwFailure();
    return true;
  }

  /** Blocks until no copy is under way. Throws what one has failed with. */
  settle(): void {
    this.#waitWhile(COPYING);
    this.#throwFailure();
  }

  /** Blocks until the thread has nothing open, nor ever will. Throws what a copy has failed with. */
  close(): void {
    if (this.#change(STARTING, ENDED)) return;
    this.settle();
    this.#change(RESTING, ENDING);
    this.#waitWhile(ENDING);
  }

  /** Begins with a copy. */
  #start(): boolean {
    const state = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const { port1: failures, port2 } = new MessageChannel();
    // From source as from compiled code.
    const entry = new URL(`./log-copier-thread${extname(import.meta.url)}`, import.meta.url);
    const workerData: CopierOptions = { file: this.#file, state, failures: port2 };
    try {
      const worker = new Worker(entry, { workerData, transferList: [port2], name: 'freehold-log-copier' });
      // That a copy has failed it does not throw, but tells: this is a thread that could not be made, or has broken down.
      worker.on('error', () => Atomics.store(state, 0, UNABLE));
      worker.unref();
    } catch {
      return false;
    }
    this.#thread = { state, failures };
    return true;
  }

  get #state(): number {
    return this.#thread === undefined ? ENDED : Atomics.load(this.#thread.state, 0);
  }

  #change(from: number, to: number): boolean {
    return this.#thread !== undefined && changeState(this.#thread.state, from, to);
  }

  /** For a while at most, lest a thread that hangs takes this one with it. */
  #waitWhile(value: number): void {
    if (this.#thread !== undefined) Atomics.wait(this.#thread.state, 0, value, SQLITE.copierWaitMs);
  }

  #throwFailure(): void {
    const thread = this.#thread;
    if (thread === undefined || this.#state !== FAILED) return;
    thread.failure ??= new Error(receiveMessageOnPort(thread.failures)?.message);
    throw thread.failure;
  }
}

/** Wakes the other side, if the state was `from`. Returns whether it was. */
export function changeState(state: CopierState, from: number, to: number): boolean {
  if (Atomics.compareExchange(state, 0, from, to) !== from) return false;
  Atomics.notify(state, 0);
  return true;
}

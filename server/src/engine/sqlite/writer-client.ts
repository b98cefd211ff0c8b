/** The serving side of the writer's thread: requests go out once a turn of the event loop, outcomes come back. */
import type { Worker } from 'node:worker_threads';
import { EngineError, type Namespace } from '../../kv/engine.ts';
import { packBatch } from './batch.ts';
import { errorFromFailure } from './failure.ts';
import type { Change, Outcome, Request, WriterCommand, WriterOptions, WriterReply } from './messages.ts';

interface Settlement {
  readonly resolve: (namespace: Namespace | undefined) => void;
  readonly reject: (error: Error) => void;
}

export class WriterClient {
  readonly #worker: Worker;
  readonly #onFatal: (error: Error) => void;
  readonly #ready = Promise.withResolvers<void>();
  readonly #exit = Promise.withResolvers<void>();
  readonly #pending = new Map<number, Settlement>();
  #batch: Request[] = [];
  #lastNumber = 0;
  #isReady = false;
  #closing = false;
  #exited = false;
  #thrown: unknown;
  #failure: Error | undefined;

  /** `onFatal` is called once if the thread dies after it was ready. */
  constructor(worker: Worker, options: WriterOptions, onFatal: (error: Error) => void) {
    this.#worker = worker;
    worker.ref();
    worker.postMessage(options);
    this.#onFatal = onFatal;
    worker.on('message', (reply: WriterReply) => this.#receive(reply));
    worker.on('messageerror', error => this.#fail(error));
    // The thread's last answers are delivered between its error and its exit.
    worker.on('error', error => {
      this.#thrown = error;
    });
    worker.on('exit', code => this.#onExit(code));
  }

  /** Fulfilled when the thread takes requests; rejects if it cannot. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Why nothing can be written any more, if so. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Fulfilled when the change is durable. */
  submit(change: Change): Promise<Namespace | undefined> {
    if (this.#failure !== undefined) return Promise.reject(unavailable(this.#failure));
    if (this.#closing) return Promise.reject(new EngineError('unavailable', 'the engine is closed'));
    return new Promise((resolve, reject) => {
      if (this.#batch.length === 0) setImmediate(() => this.#flush());
      this.#lastNumber += 1;
      this.#batch.push({ number: this.#lastNumber, change });
      this.#pending.set(this.#lastNumber, { resolve, reject });
      // The process lives for as long as a change is under way, and no longer on our account.
      if (this.#pending.size === 1) this.#worker.ref();
    });
  }

  tick(now: number): void {
    if (!this.#closing) this.#post({ kind: 'tick', now });
  }

  /** Finishes what was submitted, and ends the thread. */
  close(): Promise<void> {
    if (!this.#closing && !this.#exited) {
      this.#flush();
      this.#worker.ref();
      this.#post({ kind: 'close' });
    }
    this.#closing = true;
    return this.#exit.promise;
  }

  #flush(): void {
    const requests = this.#batch;
    if (requests.length === 0) return;
    this.#batch = [];
    const { command, transfer } = packBatch(requests);
    try {
      this.#post(command, transfer);
    } catch (error) {
      // A buffer that cannot be handed over: a defect of the caller, and nothing was sent.
      const message = String(error);
      for (const { number } of requests) this.#settle({ number, failure: { message } });
    }
  }

  #post(command: WriterCommand, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(command, transfer);
  }

  #receive(reply: WriterReply): void {
    if (reply.kind === 'ready') {
      this.#isReady = true;
      this.#worker.unref();
      this.#ready.resolve();
      return;
    }
    for (const outcome of reply.outcomes) this.#settle(outcome);
  }

  #settle({ number, namespace, failure }: Outcome): void {
    const settlement = this.#pending.get(number);
    this.#pending.delete(number);
    if (this.#pending.size === 0 && !this.#closing) this.#worker.unref();
    if (failure === undefined) settlement?.resolve(namespace);
    else settlement?.reject(errorFromFailure(failure));
  }

  #onExit(code: number): void {
    this.#exited = true;
    if (!this.#closing || this.#thrown !== undefined || this.#pending.size > 0) {
      const detail = this.#thrown instanceof Error ? this.#thrown.message : `it ended with code ${code}`;
      this.#fail(new Error(`the writer's thread has failed: ${detail}`, { cause: this.#thrown }));
    }
    this.#exit.resolve();
  }

  #fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    for (const { reject } of this.#pending.values()) reject(unavailable(error));
    this.#pending.clear();
    if (this.#isReady) this.#onFatal(error);
    else this.#ready.reject(error);
  }
}

function unavailable(failure: Error): EngineError {
  return new EngineError('unavailable', failure.message);
}

/** The serving side of the writer's thread: requests go out once a turn of the event loop, outcomes come back. */
import { EngineError } from '../../kv/engine.ts';
import { Batch } from './batch.ts';
import { SQLITE } from './constants.ts';
import { errorFromFailure } from './failure.ts';
import type { Outcome, Result, Submission, WriterCommand, WriterReply } from './messages.ts';
import type { LinkEnd, WriterLink } from './writer-link.ts';

interface Settlement {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
}

export class WriterClient {
  readonly #link: WriterLink;
  readonly #onFatal: (error: Error) => void;
  readonly #ready = Promise.withResolvers<void>();
  readonly #exit = Promise.withResolvers<void>();
  readonly #pending = new Map<number, Settlement>();
  #batch = new Batch();
  /** Submissions in the batch. */
  #waiting = 0;
  #lastNumber: number;
  /** When the oldest of what is pending was submitted, or the latest outcome came; as `performance.now` tells it. */
  #waitsSinceMs = 0;
  #isReady = false;
  #closing = false;
  #ended = false;
  #failure: Error | undefined;

  /** `onFatal` is called once if the thread dies after it was ready. */
  constructor(link: WriterLink, onFatal: (error: Error) => void) {
    this.#link = link;
    this.#lastNumber = link.firstNumber;
    this.#onFatal = onFatal;
    link.attach({
      onReply: reply => this.#receive(reply),
      onBroken: error => this.#fail(error),
      onEnd: end => this.#onEnd(end),
    });
    link.ref();
  }

  /** Fulfilled when the thread takes requests; rejects if it cannot. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Why nothing can be written any more, if so. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** For how long changes have been waiting for the writer to finish any, in milliseconds. */
  get waitedMs(): number {
    return this.#pending.size === 0 ? 0 : performance.now() - this.#waitsSinceMs;
  }

  /** Fulfilled when the change is durable. */
  submit(submission: Submission): Promise<Result> {
    if (this.#failure !== undefined) return Promise.reject(unavailable(this.#failure));
    if (this.#closing) return Promise.reject(new EngineError('unavailable', 'the engine is closed'));
    return new Promise((resolve, reject) => {
      if (this.#waiting === 0) setImmediate(() => this.#flush());
      this.#lastNumber += 1;
      this.#waiting += 1;
      this.#batch.add(this.#lastNumber, submission);
      this.#pending.set(this.#lastNumber, { resolve, reject });
      // The process lives for as long as a change is under way, and no longer on our account.
      if (this.#pending.size === 1) {
        this.#link.ref();
        this.#waitsSinceMs = performance.now();
      }
      const writerRests = this.#pending.size === this.#waiting;
      if (writerRests && this.#waiting >= SQLITE.submissionsForRestingWriter) this.#flush();
    });
  }

  tick(now: number): void {
    if (!this.#closing) this.#post({ kind: 'tick', now });
  }

  /** Finishes what was submitted, and ends the link. */
  close(): Promise<void> {
    if (!this.#closing && !this.#ended) {
      this.#flush();
      this.#link.ref();
      if (this.#pending.size === 0) this.#link.end();
    }
    this.#closing = true;
    return this.#exit.promise;
  }

  #flush(): void {
    if (this.#waiting === 0) return;
    const { requests, transfer } = this.#batch.pack();
    this.#batch = new Batch();
    this.#waiting = 0;
    try {
      this.#post({ kind: 'requests', requests }, transfer);
    } catch (error) {
      // A buffer that cannot be handed over: a defect of the caller, and nothing was sent.
      const message = String(error);
      for (const { number, count } of requests) this.#settle({ number, count, failure: { message } });
    }
  }

  #post(command: WriterCommand, transfer: ArrayBuffer[] = []): void {
    this.#link.post(command, transfer);
  }

  #receive(reply: WriterReply): void {
    if (reply.kind === 'ready') {
      this.#isReady = true;
      this.#link.unref();
      this.#ready.resolve();
      return;
    }
    for (const outcome of reply.outcomes) this.#settle(outcome);
    if (this.#pending.size > 0) this.#waitsSinceMs = performance.now();
  }

  #settle(outcome: Outcome): void {
    const { number: first, count, failure } = outcome;
    for (let number = first; number < first + count; number++) {
      const settlement = this.#pending.get(number);
      this.#pending.delete(number);
      if (failure === undefined) settlement?.resolve(outcome);
      else settlement?.reject(errorFromFailure(failure));
    }
    if (this.#pending.size > 0) return;
    if (this.#closing) this.#link.end();
    else this.#link.unref();
  }

  #onEnd({ detail, thrown }: LinkEnd): void {
    this.#ended = true;
    if (!this.#closing || thrown !== undefined || this.#pending.size > 0) {
      this.#fail(new Error(`the writer's thread has failed: ${detail}`, { cause: thrown }));
    }
    this.#exit.resolve();
  }

  #fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    for (const { reject } of this.#pending.values()) reject(unavailable(error));
    this.#pending.clear();
    if (this.#closing && !this.#ended) this.#link.end();
    if (this.#isReady) this.#onFatal(error);
    else this.#ready.reject(error);
  }
}

function unavailable(failure: Error): EngineError {
  return new EngineError('unavailable', failure.message);
}

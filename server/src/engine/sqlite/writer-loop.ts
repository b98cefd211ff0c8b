/** What the writer's thread does next: transactions first, maintenance between them, checkpoints after them. */
import { crashPoint } from '../crash-point.ts';
import type { Checkpointer } from './checkpoint.ts';
import { SQLITE } from './constants.ts';
import type { WriterFigures } from './figures.ts';
import type { Maintenance } from './maintenance.ts';
import type { OutcomesReply, Request, WriterCommand } from './messages.ts';
import { RequestQueue } from './request-queue.ts';
import type { Writer } from './writer.ts';

export interface WriterLoopParts {
  readonly writer: Writer;
  readonly maintenance: Maintenance;
  readonly checkpointer: Checkpointer;
  readonly figures: WriterFigures;
  /** The next command that waits, without blocking. */
  readonly receive: () => WriterCommand | undefined;
  readonly reply: (reply: OutcomesReply) => void;
}

export class WriterLoop {
  readonly #parts: WriterLoopParts;
  readonly #queue = new RequestQueue();
  /** The serving side's clock at the tick whose maintenance is not done. */
  #maintenanceNow: number | undefined;
  #transactionsSinceStep = 0;
  #closing = false;

  constructor(parts: WriterLoopParts) {
    this.#parts = parts;
  }

  /** Takes a command and all that come meanwhile, until nothing is left. Returns whether the thread is to end. */
  run(command: WriterCommand): boolean {
    this.#accept(command);
    do this.#receiveAll();
    while (this.#work());
    return this.#closing;
  }

  #receiveAll(): void {
    for (let command = this.#parts.receive(); command !== undefined; command = this.#parts.receive()) {
      this.#accept(command);
    }
  }

  #accept(command: WriterCommand): void {
    switch (command.kind) {
      case 'requests':
        crashPoint('after-receipt');
        for (const request of command.requests) this.#queue.add(request);
        break;
      case 'tick':
        this.#maintenanceNow = command.now;
        this.#parts.figures.tick(command.now);
        break;
      case 'close':
        this.#closing = true;
        break;
    }
  }

  /** One transaction or one maintenance step. Returns whether there was anything to do. */
  #work(): boolean {
    const stepIsDue = this.#transactionsSinceStep >= SQLITE.transactionsPerMaintenanceStep;
    if (stepIsDue && this.#maintain()) return true;
    const requests = this.#queue.next();
    if (requests === undefined) return this.#maintain();
    this.#execute(requests);
    return true;
  }

  #execute(requests: readonly Request[]): void {
    const { writer, checkpointer, figures } = this.#parts;
    const startMs = performance.now();
    const outcomes = writer.execute(requests);
    figures.executed(requests, outcomes, (performance.now() - startMs) / 1_000);
    crashPoint('before-reply');
    this.#parts.reply({ kind: 'outcomes', outcomes });
    crashPoint('after-reply');
    for (const { change } of requests) {
      // A bulk's memory is given back now rather than at some later garbage collection.
      if ('bytes' in change) change.puts?.arena.buffer.transfer(0);
    }
    this.#transactionsSinceStep += 1;
    checkpointer.afterCommit();
    figures.logStands(checkpointer);
    if (outcomes.some(({ failure }) => failure?.reason === 'storageFull')) checkpointer.wantSpace();
  }

  #maintain(): boolean {
    if (this.#maintenanceNow === undefined || this.#closing) return false;
    this.#transactionsSinceStep = 0;
    const { maintenance, checkpointer, figures } = this.#parts;
    const workLeft = maintenance.step(this.#maintenanceNow);
    checkpointer.afterCommit();
    if (!workLeft) {
      this.#maintenanceNow = undefined;
      checkpointer.onTick();
    }
    figures.logStands(checkpointer);
    return true;
  }
}

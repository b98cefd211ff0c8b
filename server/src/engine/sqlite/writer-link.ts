/** The way from a serving thread to the writer's thread. */
import type { MessagePort, Worker } from 'node:worker_threads';
import type { WriterCommand, WriterOptions, WriterReply } from './messages.ts';

export interface WriterLink {
  /** Of the first request; the others follow it. */
  readonly firstNumber: number;
  attach(listeners: LinkListeners): void;
  post(command: WriterCommand, transfer: ArrayBuffer[]): void;
  /** Whether the link keeps its thread alive. */
  ref(): void;
  unref(): void;
  /** Ends the link, and the writer's thread where it is ours. To be called when nothing is under way. */
  end(): void;
}

interface LinkListeners {
  readonly onReply: (reply: WriterReply) => void;
  /** A reply came that cannot be read. */
  readonly onBroken: (error: Error) => void;
  /** Nothing comes any more. */
  readonly onEnd: (end: LinkEnd) => void;
}

export interface LinkEnd {
  readonly detail: string;
  /** What ended the writer's thread, if it threw. */
  readonly thrown?: unknown;
}

/** Of the thread that has started the writer's. */
export function linkToThread(worker: Worker, options: WriterOptions): WriterLink {
  worker.postMessage(options, [...options.ports]);
  return {
    firstNumber: 0,
    attach({ onReply, onBroken, onEnd }) {
      worker.on('message', onReply);
      worker.on('messageerror', onBroken);
      // The thread's last answers are delivered between its error and its exit.
      let thrown: unknown;
      worker.on('error', error => {
        thrown = error;
      });
      worker.on('exit', code => {
        onEnd({ thrown, detail: thrown instanceof Error ? thrown.message : `it ended with code ${code}` });
      });
    },
    post: (command, transfer) => worker.postMessage(command, transfer),
    ref: () => worker.ref(),
    unref: () => worker.unref(),
    end: () => worker.postMessage({ kind: 'close' } satisfies WriterCommand),
  };
}

/** Of any other thread. The port closes also when the writer's thread ends. */
export function linkThroughPort(port: MessagePort, firstNumber: number): WriterLink {
  return {
    firstNumber,
    attach({ onReply, onBroken, onEnd }) {
      port.on('message', onReply);
      port.on('messageerror', onBroken);
      port.on('close', () => onEnd({ detail: 'it has ended' }));
    },
    post: (command, transfer) => port.postMessage(command, transfer),
    ref: () => port.ref(),
    unref: () => port.unref(),
    end: () => port.close(),
  };
}

/** What crosses between the main thread and a further serving thread. */
import type { KeyPairPaths } from './config/serve.ts';
import type { EngineShare } from './data-directory.ts';
import type { Slots } from './kv/histogram.ts';
import type { TcpAddress } from './listen-address.ts';

/** The first message to the thread. */
export interface ServingOptions {
  /** On which the main thread listens already. */
  readonly ports: readonly TcpAddress[];
  readonly share: EngineShare;
  readonly corsOrigins: readonly string[] | undefined;
  /** Of this thread. */
  readonly inFlightBytes: number;
  readonly tls: KeyPairPaths | undefined;
  readonly noAuth: boolean;
  readonly logLevel: string;
  /** In which all serving threads count, the main one first. */
  readonly figures: readonly Slots[];
  /** Which of them this one is. */
  readonly thread: number;
}

export type ServingCommand =
  | { readonly kind: 'serve'; readonly options: ServingOptions }
  /** Answer what is in flight, then end. */
  | { readonly kind: 'close' };

export type ServingReport =
  | { readonly kind: 'listening' }
  /** A line of the log: one thread alone writes them, so that none is torn. */
  | { readonly kind: 'logLine'; readonly line: string };

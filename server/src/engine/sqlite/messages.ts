/** What crosses between a serving thread and the writer's thread. */
import type { EngineErrorReason, Namespace, NamespaceAddress, StoredToken } from '../../kv/engine.ts';
import type { Puts } from '../../kv/puts.ts';
import type { CommitCount } from './commit-count.ts';

/** The first message to the writer's thread. */
export interface WriterOptions {
  readonly directory: string;
  readonly diskFreeBytesMin: number;
  readonly commits: CommitCount;
}

export type WriterCommand =
  /** The requests of one turn of the event loop. */
  | { readonly kind: 'requests'; readonly requests: readonly Request[]; readonly mergedPuts: Puts | undefined }
  /** Time for maintenance; `now` is the serving side's clock. */
  | { readonly kind: 'tick'; readonly now: number }
  /** Finish what was accepted, then end. */
  | { readonly kind: 'close' };

export interface Request {
  readonly number: number;
  readonly change: Change;
}

export type Change = WriteChange | NamespaceChange | TokenChange;

export interface WriteChange {
  readonly kind: 'write';
  readonly address: NamespaceAddress;
  readonly puts?: Puts | undefined;
  /** Which pairs of the merged puts these are, where the arena is shared with other requests of the turn. */
  readonly merged?: PairRange | undefined;
  readonly deletes: readonly string[];
  /** What keys, metadata and values weigh, deletes included. */
  readonly bytes: number;
}

export interface PairRange {
  readonly first: number;
  readonly count: number;
}

type NamespaceChange =
  | {
      readonly kind: 'createNamespace';
      readonly account: string;
      readonly namespace: Namespace;
      readonly namespacesMax?: number | undefined;
    }
  | { readonly kind: 'renameNamespace'; readonly address: NamespaceAddress; readonly title: string }
  | { readonly kind: 'deleteNamespace'; readonly address: NamespaceAddress };

type TokenChange =
  | { readonly kind: 'setRootTokenHash'; readonly hash: Uint8Array }
  | { readonly kind: 'createToken'; readonly token: StoredToken };

export type WriterReply =
  /** The thread can take requests. */
  | { readonly kind: 'ready' }
  /** The requests of one transaction, after its commit. */
  | { readonly kind: 'outcomes'; readonly outcomes: readonly Outcome[] };

export interface Outcome {
  readonly number: number;
  /** The namespace as it is now, where the request renamed it. */
  readonly namespace?: Namespace;
  readonly failure?: Failure;
}

/** An error in a form that survives the way between threads; without a reason it is a defect. */
export interface Failure {
  readonly reason?: EngineErrorReason;
  readonly message: string;
}

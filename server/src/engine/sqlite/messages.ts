/** What crosses between a serving thread and the writer's thread. */
import type { MessagePort } from 'node:worker_threads';
import type {
  Changes,
  Conflicts,
  EngineErrorReason,
  Namespace,
  NamespaceAddress,
  StoredToken,
  TokenRoom,
} from '../../kv/engine.ts';
import type { Slots } from '../../kv/histogram.ts';
import type { Pair, Puts } from '../../kv/puts.ts';
import type { CommitCount } from './commit-count.ts';
import type { KeyArena } from './key-arena.ts';

/** The first message to the writer's thread. */
export interface WriterOptions {
  readonly directory: string;
  readonly diskFreeBytesMin: number;
  readonly commits: CommitCount;
  /** Of `newWriterFigures`. */
  readonly figures: Slots;
  /** Of the serving threads beside the one that started the writer's, in the order of their numbers. */
  readonly ports: readonly MessagePort[];
}

/** What one more serving thread needs to take part in an open engine; to be posted once, `port` handed over. */
export interface EngineShare {
  readonly directory: string;
  readonly diskFreeBytesMin: number;
  readonly commits: CommitCount;
  readonly figures: Slots;
  readonly port: MessagePort;
  /** Of the thread's first request. */
  readonly firstNumber: number;
}

export type WriterCommand =
  | { readonly kind: 'requests'; readonly requests: readonly Request[] }
  /** Time for maintenance; `now` is the serving side's clock. */
  | { readonly kind: 'tick'; readonly now: number }
  /** Finish what was accepted, then end. */
  | { readonly kind: 'close' };

/** One change for the writer, which may be what several submissions were joined into. */
export interface Request {
  /**
   * Of its first submission; the others have those that follow. Tells also whose request it is: each serving thread
   * numbers its own within a range of `SQLITE.numbersPerThread`.
   */
  readonly number: number;
  /** Of submissions: more than one where each is a put of one pair, in their order. */
  readonly count: number;
  readonly change: Change;
}

/** What is asked of the engine. */
export type Submission = PutChange | Change;

export type Change = PairsChange | NamespaceChange | TokenChange;

/** Those that have `bytes`, and no others. */
type PairsChange = WriteChange | ValueReplacement | UnchangedRemoval;

/** A put of one pair, before it is packed with others. */
export interface PutChange {
  readonly kind: 'put';
  readonly address: NamespaceAddress;
  readonly pair: Pair;
}

export interface WriteChange {
  readonly kind: 'write';
  readonly address: NamespaceAddress;
  readonly puts?: Puts | undefined;
  readonly deletes?: KeyArena | undefined;
  /** What keys, metadata and values weigh, deletes included. */
  readonly bytes: number;
  /** Where pairs are not simply to be replaced. */
  readonly guard?: PutGuard | undefined;
}

export interface PutGuard {
  readonly onConflict: NonNullable<Changes['onConflict']>;
  /** What has expired until then is in nobody's way. */
  readonly now: number;
}

export interface ValueReplacement {
  readonly kind: 'replaceValue';
  readonly address: NamespaceAddress;
  /** One pair, which has neither metadata nor expiry. */
  readonly puts: Puts;
  readonly bytes: number;
  readonly now: number;
}

interface UnchangedRemoval {
  readonly kind: 'removeUnchanged';
  readonly address: NamespaceAddress;
  readonly puts: Puts;
  readonly bytes: number;
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
  | { readonly kind: 'createToken'; readonly token: StoredToken; readonly room?: TokenRoom | undefined }
  | { readonly kind: 'revokeToken'; readonly id: string }
  | { readonly kind: 'touchToken'; readonly id: string; readonly usedAt: number };

export type WriterReply =
  /** The thread can take requests. */
  { readonly kind: 'ready' } | OutcomesReply;

/** The requests of one transaction, after its commit. */
export interface OutcomesReply {
  readonly kind: 'outcomes';
  readonly outcomes: readonly Outcome[];
}

/** What became of all submissions of a request. */
export interface Outcome extends Result {
  readonly number: number;
  readonly count: number;
  readonly failure?: Failure;
}

/** What a change has to tell, by what was asked for. */
export interface Result {
  /** As it is now, where it was renamed. */
  readonly namespace?: Namespace;
  /** Puts that were left out because of pairs in their way, by their numbers. */
  readonly skipped?: { readonly pairs: readonly number[]; readonly bytes: number };
  /** Because of which nothing was written. */
  readonly conflicts?: Conflicts;
  /** Whether there was a pair whose value was to be replaced. */
  readonly existed?: boolean;
  /** How many pairs were removed, being unchanged. */
  readonly removed?: number;
}

/** An error in a form that survives the way between threads; without a reason it is a defect. */
export interface Failure {
  readonly reason?: EngineErrorReason;
  readonly message: string;
}

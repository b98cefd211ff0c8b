/** What is submitted in one turn of the event loop, in the form in which it crosses threads. */
import type { NamespaceAddress } from '../../kv/engine.ts';
import { OFFSETS_PER_PAIR, type Pair, type Puts, packPairs } from '../../kv/puts.ts';
import { SQLITE } from './constants.ts';
import type { PutChange, Request, Submission, WriteChange } from './messages.ts';

export interface PackedBatch {
  readonly requests: readonly Request[];
  /** All of their buffers: to hand one over is cheaper than to copy it, however small it is. */
  readonly transfer: ArrayBuffer[];
}

export class Batch {
  readonly #parts: (PutRun | Request)[] = [];

  /** `number` follows that of the submission before. */
  add(number: number, submission: Submission): void {
    if (submission.kind !== 'put') {
      this.#parts.push({ number, count: 1, change: submission });
      return;
    }
    const last = this.#parts.at(-1);
    if (last instanceof PutRun && last.takes(submission)) last.add(submission.pair);
    else this.#parts.push(new PutRun(number, submission));
  }

  pack(): PackedBatch {
    const requests = this.#parts.map(part => (part instanceof PutRun ? part.toRequest() : part));
    return { requests, transfer: [...new Set(requests.flatMap(buffersOf))] };
  }
}

/** The changes of a request, each as one by itself. */
export function splitRequest(request: Request): Request[] {
  const { number, count, change } = request;
  if (count === 1 || change.kind !== 'write' || change.puts === undefined) return [request];
  const { puts } = change;
  const bytes = Math.ceil(change.bytes / count);
  return Array.from({ length: count }, (_, index) => {
    return { number: number + index, count: 1, change: { ...change, puts: pairOf(puts, index), bytes } };
  });
}

/** Puts that follow one another into the same namespace: as one request, few objects cross, and one buffer. */
class PutRun {
  readonly #number: number;
  readonly #address: NamespaceAddress;
  readonly #pairs: Pair[] = [];
  #bytes = 0;

  constructor(number: number, { address, pair }: PutChange) {
    this.#number = number;
    this.#address = address;
    this.add(pair);
  }

  /** A run remains a small write. */
  takes({ address, pair }: PutChange): boolean {
    return (
      address.id === this.#address.id &&
      address.account === this.#address.account &&
      this.#pairs.length + 1 < SQLITE.bulkChangesMin &&
      this.#bytes + byteCount(pair) < SQLITE.joinedPutsBytesMax
    );
  }

  add(pair: Pair): void {
    this.#pairs.push(pair);
    this.#bytes += byteCount(pair);
  }

  toRequest(): Request {
    const puts = packPairs(this.#pairs);
    const change: WriteChange = { kind: 'write', address: this.#address, puts, bytes: this.#bytes };
    return { number: this.#number, count: this.#pairs.length, change };
  }
}

function byteCount({ key, metadata = '', value }: Pair): number {
  return key.length + metadata.length + value.length;
}

function buffersOf({ change }: Request): ArrayBuffer[] {
  if (!('bytes' in change)) return [];
  const { puts, deletes } = { deletes: undefined, ...change };
  const views = [puts?.arena, puts?.offsets, puts?.expiresAt, deletes?.arena, deletes?.offsets];
  return views.flatMap(view => (view === undefined ? [] : [view.buffer]));
}

function pairOf({ arena, offsets, expiresAt }: Puts, index: number): Puts {
  return {
    arena,
    offsets: offsets.subarray(index * OFFSETS_PER_PAIR, (index + 1) * OFFSETS_PER_PAIR),
    expiresAt: expiresAt.subarray(index, index + 1),
  };
}

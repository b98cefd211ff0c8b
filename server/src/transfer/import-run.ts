/** Writes the bulks of a file, several side by side, and knows where to go on when that comes to an early end. */
import { type Bulk, itemCount, placeOf } from './bulk.ts';

export interface ImportCounts {
  /** Pairs that were stored. */
  readonly written: number;
  /** Those that had expired, and were not. */
  readonly expired: number;
  /** Those whose key was there already, and was to be left as it is. */
  readonly skipped: number;
}

export const NO_PAIRS: ImportCounts = { written: 0, expired: 0, skipped: 0 };

export interface ImportRunOptions {
  /** Bulks that are being written at once. */
  readonly inFlight: number;
  /** Stores a bulk durably. */
  readonly write: (bulk: Bulk) => Promise<ImportCounts>;
  /** Is told how many pairs of the file are done with. */
  readonly tell?: (pairs: number) => void;
  /** Ends the reading; what is being written is waited for. */
  readonly stop?: AbortSignal;
}

export interface ImportOutcome {
  readonly counts: ImportCounts;
  /** Of the file, pairs that are done with. */
  readonly pairs: number;
  readonly failure?: ImportFailure;
}

export interface ImportFailure {
  readonly cause: unknown;
  /** The first place that is not known to be written, as `placeOf` has it. */
  readonly place: number;
  /** The bulk that was refused, where one was. */
  readonly bulk?: Bulk;
}

/** Never rejects for what the bulks or the writing of them throw. `from` is the place where the bulks begin. */
export async function importBulks(
  bulks: AsyncIterable<Bulk>,
  from: number,
  options: ImportRunOptions,
): Promise<ImportOutcome> {
  const run = new ImportRun(from, options);
  await run.read(bulks);
  return run.outcome;
}

class ImportRun {
  readonly #options: ImportRunOptions;
  readonly #underWay = new Set<Promise<void>>();
  /** The place behind what was read. */
  #next: number;
  #counts = NO_PAIRS;
  #pairs = 0;
  #failure: ImportFailure | undefined;

  constructor(from: number, options: ImportRunOptions) {
    this.#next = from;
    this.#options = options;
  }

  get outcome(): ImportOutcome {
    return { counts: this.#counts, pairs: this.#pairs, ...(this.#failure && { failure: this.#failure }) };
  }

  async read(bulks: AsyncIterable<Bulk>): Promise<void> {
    const { inFlight, stop } = this.#options;
    try {
      for await (const bulk of bulks) {
        this.#begin(bulk);
        while (this.#underWay.size >= inFlight) await Promise.race(this.#underWay);
        if (this.#failure !== undefined) break;
        stop?.throwIfAborted();
      }
    } catch (cause) {
      this.#fail({ cause, place: this.#next });
    }
    await Promise.all(this.#underWay);
  }

  #begin(bulk: Bulk): void {
    this.#next = placeOf(bulk, itemCount(bulk) - 1) + 1;
    const writing = this.#write(bulk).finally(() => this.#underWay.delete(writing));
    this.#underWay.add(writing);
  }

  async #write(bulk: Bulk): Promise<void> {
    try {
      const { written, expired, skipped } = await this.#options.write(bulk);
      const before = this.#counts;
      this.#counts = {
        written: before.written + written,
        expired: before.expired + expired,
        skipped: before.skipped + skipped,
      };
      this.#pairs += itemCount(bulk);
      this.#options.tell?.(this.#pairs);
    } catch (cause) {
      this.#fail({ cause, place: placeOf(bulk, 0), bulk });
    }
  }

  /** Of several the one that comes first in the file. */
  #fail(failure: ImportFailure): void {
    if (this.#failure === undefined || failure.place < this.#failure.place) this.#failure = failure;
  }
}

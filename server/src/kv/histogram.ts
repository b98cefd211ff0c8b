/** How often figures fell into which range, kept in memory that threads share: one of them counts, all may read. */

export interface Histogram {
  /** What each range goes up to, that figure included, in ascending order. */
  readonly bounds: readonly number[];
  /** How many figures fell into each range, and last how many lie above them all. */
  readonly counts: readonly number[];
  /** Of all figures. */
  readonly sum: number;
}

/** From a tenth of a millisecond, which a small read takes, to ten seconds. */
export const SECONDS_BOUNDS: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/**
 * 64-bit floats in shared memory. They are written without atomic operations, since each has one thread that writes it,
 * and what is aligned is not torn on any 64-bit machine.
 */
export type Slots = Float64Array<SharedArrayBuffer>;

export function newSlots(count: number): Slots {
  return new Float64Array(new SharedArrayBuffer(count * Float64Array.BYTES_PER_ELEMENT));
}

/** How many slots a histogram takes: one a range, one for what lies above, one for the sum. */
export function histogramSlots(bounds: readonly number[]): number {
  return bounds.length + 2;
}

export class SharedHistogram {
  readonly #bounds: readonly number[];
  readonly #slots: Slots;
  readonly #start: number;
  readonly #sum: number;

  /** `start` is the first of its slots. */
  constructor(bounds: readonly number[], slots: Slots, start: number) {
    this.#bounds = bounds;
    this.#slots = slots;
    this.#start = start;
    this.#sum = start + bounds.length + 1;
  }

  observe(figure: number): void {
    const bounds = this.#bounds;
    let range = 0;
    while (range < bounds.length && figure > (bounds[range] ?? 0)) range += 1;
    addTo(this.#slots, this.#start + range, 1);
    addTo(this.#slots, this.#sum, figure);
  }

  read(): Histogram {
    const counts = Array.from(this.#slots.subarray(this.#start, this.#sum));
    return { bounds: this.#bounds, counts, sum: this.#slots[this.#sum] ?? 0 };
  }
}

export function addTo(slots: Slots, slot: number, figure: number): void {
  slots[slot] = (slots[slot] ?? 0) + figure;
}

/** Of histograms with the same bounds. */
export function addHistograms(first: Histogram, second: Histogram): Histogram {
  const counts = first.counts.map((count, range) => count + (second.counts[range] ?? 0));
  return { bounds: first.bounds, counts, sum: first.sum + second.sum };
}

/** How many bytes may be in memory at once, and who has to wait until there is room. Accounting alone: it holds no bytes. */

export interface ByteBudgetOptions {
  readonly limitBytes: number;
  /** How long a reservation waits at most. */
  readonly waitMs: number;
  /** Called when other bytes are in flight, or others wait. */
  readonly onChange?: () => void;
}

/** A part of a budget. */
export class Reservation {
  readonly #giveBack: (bytes: number) => void;
  #bytes: number;

  constructor(bytes: number, giveBack: (bytes: number) => void) {
    this.#bytes = bytes;
    this.#giveBack = giveBack;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Gives back what is beyond so many bytes. */
  shrink(bytes: number): void {
    const surplus = this.#bytes - bytes;
    if (surplus <= 0) return;
    this.#bytes = bytes;
    this.#giveBack(surplus);
  }

  /** Harmless when repeated. */
  release(): void {
    this.shrink(0);
  }
}

interface Waiting {
  readonly bytes: number;
  readonly admit: (reservation: Reservation) => void;
}

export class ByteBudget {
  readonly #limitBytes: number;
  readonly #waitMs: number;
  /** In the order in which they came, so that a large one is not overtaken until it gives up. */
  readonly #waiting = new Set<Waiting>();
  readonly #giveBack = (bytes: number): void => this.#take(bytes);
  readonly #onChange: () => void;
  #inFlight = 0;

  constructor({ limitBytes, waitMs, onChange = () => {} }: ByteBudgetOptions) {
    this.#limitBytes = limitBytes;
    this.#waitMs = waitMs;
    this.#onChange = onChange;
  }

  /** Bytes that are reserved. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** How many reservations wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Undefined where it would have to wait. */
  tryReserve(bytes: number): Reservation | undefined {
    return this.#waiting.size === 0 && this.#fits(bytes) ? this.#reserve(bytes) : undefined;
  }

  /**
   * Waits for its turn. Undefined after `waitMs`, and as soon as the signal aborts. Who waits should hold nothing of
   * this budget, or two of them may wait for each other until one gives up.
   */
  reserve(bytes: number, signal: AbortSignal): Promise<Reservation | undefined> {
    const reserved = this.tryReserve(bytes);
    if (reserved !== undefined || signal.aborted) return Promise.resolve(reserved);
    const { promise, resolve } = Promise.withResolvers<Reservation | undefined>();
    const leave = (reservation?: Reservation): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      this.#waiting.delete(waiting);
      this.#onChange();
      resolve(reservation);
    };
    const giveUp = (): void => {
      leave();
      this.#admitNext();
    };
    const waiting: Waiting = { bytes, admit: leave };
    const timer = setTimeout(giveUp, this.#waitMs);
    signal.addEventListener('abort', giveUp);
    this.#waiting.add(waiting);
    this.#onChange();
    return promise;
  }

  #take(bytes: number): void {
    this.#inFlight -= bytes;
    this.#onChange();
    this.#admitNext();
  }

  #reserve(bytes: number): Reservation {
    this.#inFlight += bytes;
    this.#onChange();
    return new Reservation(bytes, this.#giveBack);
  }

  /** What is larger than the limit goes alone. */
  #fits(bytes: number): boolean {
    return this.#inFlight === 0 || this.#inFlight + bytes <= this.#limitBytes;
  }

  #admitNext(): void {
    for (const { bytes, admit } of this.#waiting) {
      if (!this.#fits(bytes)) return;
      admit(this.#reserve(bytes));
    }
  }
}

/** Bodies under way in either direction, and the least that has to move of each of them for it to go on. */

export interface Transfer {
  /** Bytes that have moved so far, counted from anywhere. */
  moved(): number;
  /** Called once, when too little has moved. */
  end(): void;
}

export interface TransfersOptions {
  readonly windowMs: number;
  /** What has to move within one window. */
  readonly windowBytes: number;
}

/**
 * All are looked at together, once a window, so that a small request costs no timer. A transfer is first judged at the
 * second look: one that stalls ends after one to two windows.
 */
export class Transfers {
  readonly #options: TransfersOptions;
  /** What had moved at the last look; undefined for those that were not looked at yet. */
  readonly #marks = new Map<Transfer, number | undefined>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: TransfersOptions) {
    this.#options = options;
  }

  /** From here on it is looked at; the looks do not keep a process alive. */
  start(): void {
    this.#timer ??= setInterval(() => this.#look(), this.#options.windowMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  add(transfer: Transfer): void {
    this.#marks.set(transfer, undefined);
  }

  delete(transfer: Transfer): void {
    this.#marks.delete(transfer);
  }

  #look(): void {
    for (const [transfer, mark] of this.#marks) {
      const moved = transfer.moved();
      if (mark === undefined || moved - mark >= this.#options.windowBytes) {
        this.#marks.set(transfer, moved);
      } else {
        this.#marks.delete(transfer);
        transfer.end();
      }
    }
  }
}

/**
 * Tells how far a long command has come: as a bar where somebody watches, and otherwise as a line now and then, with one
 * more at the end. It has no timer: it tells something only when it is told something.
 */
export interface ProgressOptions {
  /** What is being done, as in `backing up`. */
  readonly label: string;
  /** What is counted, in the plural. Bytes are told in larger units. */
  readonly unit: 'bytes' | 'pairs';
  readonly stream?: ProgressStream;
  /** Milliseconds that never go back. */
  readonly now?: () => number;
}

/** A terminal or a pipe, such as `process.stderr`. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const REDRAW_MS = 100;
const LINE_MS = 10_000;
const BAR_CELLS_MAX = 30;
/** Where the terminal does not tell. */
const COLUMNS = 80;
const ERASE_LINE = '\r\x1b[K';
const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

export class Progress {
  readonly #label: string;
  readonly #unit: ProgressOptions['unit'];
  readonly #stream: ProgressStream;
  readonly #now: () => number;
  readonly #startedAt: number;
  #toldAt: number;
  #done = 0;
  #drawn = false;

  constructor({ label, unit, stream = process.stderr, now = () => performance.now() }: ProgressOptions) {
    this.#label = label;
    this.#unit = unit;
    this.#stream = stream;
    this.#now = now;
    this.#startedAt = now();
    this.#toldAt = this.#startedAt - (stream.isTTY ? REDRAW_MS : 0);
  }

  /** So much in all is done, of so much if that is known. */
  report(done: number, total?: number): void {
    this.#done = done;
    const now = this.#now();
    if (now - this.#toldAt < (this.#stream.isTTY ? REDRAW_MS : LINE_MS)) return;
    this.#toldAt = now;
    const figures = this.#figures(done, total);
    if (!this.#stream.isTTY) {
      this.#stream.write(`${figures}\n`);
      return;
    }
    const columns = (this.#stream.columns || COLUMNS) - 1;
    this.#stream.write(ERASE_LINE + withBar(figures, share(done, total), columns));
    this.#drawn = true;
  }

  /** The work is done. */
  end(): void {
    this.stop();
    const seconds = this.#seconds;
    this.#stream.write(
      `${this.#label}: ${this.#amount(this.#done)} in ${duration(seconds)}${this.#rate(this.#done)}\n`,
    );
  }

  /** The work has ended before it was done: what follows begins on a line of its own. */
  stop(): void {
    if (this.#drawn) this.#stream.write(ERASE_LINE);
    this.#drawn = false;
  }

  #figures(done: number, total: number | undefined): string {
    if (total === undefined) return `${this.#label}: ${this.#amount(done)}${this.#rate(done)}`;
    const percent = Math.floor(share(done, total) * 100);
    const text = `${this.#label}: ${percent} %, ${this.#amount(done)} of ${this.#amount(total)}${this.#rate(done)}`;
    const left = ((total - done) / done) * this.#seconds;
    return done > 0 && left > 0 ? `${text}, ${duration(left)} left` : text;
  }

  get #seconds(): number {
    return (this.#now() - this.#startedAt) / 1_000;
  }

  /** The average; nothing where no time has passed. */
  #rate(done: number): string {
    const seconds = this.#seconds;
    return seconds > 0 && done > 0 ? `, ${this.#amount(done / seconds)}/s` : '';
  }

  #amount(amount: number): string {
    return this.#unit === 'bytes' ? bytes(amount) : `${Math.round(amount).toLocaleString('en-GB')} ${this.#unit}`;
  }
}

/** Of the whole, from 0 to 1. */
function share(done: number, total: number | undefined): number {
  if (total === undefined) return 0;
  return total === 0 ? 1 : Math.min(1, done / total);
}

/** On one line, whatever that takes away: a line that wraps cannot be erased. */
function withBar(figures: string, filled: number, columns: number): string {
  const cells = Math.min(BAR_CELLS_MAX, columns - figures.length - 3);
  if (cells < 5 || !figures.includes('%')) return figures.slice(0, columns);
  const full = Math.round(filled * cells);
  return `[${'#'.repeat(full)}${'.'.repeat(cells - full)}] ${figures}`;
}

function bytes(amount: number): string {
  const exponent = amount < 1_000 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(amount) / 3));
  const number = amount / 1_000 ** exponent;
  return `${exponent === 0 ? Math.round(number) : number.toFixed(number < 10 ? 1 : 0)} ${BYTE_UNITS[exponent]}`;
}

function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
}

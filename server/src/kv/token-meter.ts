/** Counts the use of a token that is limited. In memory: it begins anew with the process, and is each thread's own. */
import type { Clock } from './engine.ts';
import { fault } from './errors.ts';
import { RetryLater } from './retry-later.ts';
import type { TokenGrant } from './token-grant.ts';

type Limits = Pick<TokenGrant, 'requestsPerSecond' | 'bytesPerDay'>;

const DAY_SECONDS = 86_400;

export class TokenMeter {
  readonly #requestsPerSecond: number;
  readonly #bytesPerDay: number;
  readonly #clock: Clock;
  #second = 0;
  #requests = 0;
  #day = 0;
  #bytes = 0;

  constructor({ requestsPerSecond = Infinity, bytesPerDay = Infinity }: Limits, clock: Clock) {
    this.#requestsPerSecond = requestsPerSecond;
    this.#bytesPerDay = bytesPerDay;
    this.#clock = clock;
  }

  /** Counts a request. Throws `RetryLater` where it is one too many, which is not counted. */
  admit(): void {
    const now = this.#clock();
    this.#turnTo(now);
    if (this.#bytes >= this.#bytesPerDay) {
      throw new RetryLater(
        fault('tokenBytesExceeded', { limit: this.#bytesPerDay }),
        DAY_SECONDS - (now % DAY_SECONDS),
      );
    }
    if (this.#requests >= this.#requestsPerSecond) throw new RetryLater(fault('tokenRateExceeded'), 1);
    this.#requests += 1;
  }

  /** Counts what a request has sent and was sent, when that is known: the one that passes the limit is still answered. */
  addBytes(bytes: number): void {
    this.#turnTo(this.#clock());
    this.#bytes += bytes;
  }

  #turnTo(now: number): void {
    if (this.#second !== now) this.#requests = 0;
    this.#second = now;
    const day = Math.floor(now / DAY_SECONDS);
    if (this.#day !== day) this.#bytes = 0;
    this.#day = day;
  }
}

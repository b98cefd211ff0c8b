/** The pairs of a range as of one instant, of which no more is in memory than there is room for. */
import type { NamespaceAddress, Scan, ScanRange } from '../../kv/engine.ts';
import { LIMITS } from '../../kv/limits.ts';
import type { Puts } from '../../kv/puts.ts';
import type { Reservation } from '../byte-budget.ts';
import type { Call } from '../call.ts';

export class PairBatches {
  readonly #call: Call;
  readonly #scan: Scan;
  #reserved: Reservation | undefined;

  private constructor(call: Call, scan: Scan) {
    this.#call = call;
    this.#scan = scan;
  }

  static async open(
    call: Call,
    address: NamespaceAddress,
    range: ScanRange,
    scansMax: number | undefined = LIMITS.scans,
  ): Promise<PairBatches> {
    return new PairBatches(call, await call.engine.scan(address, range, scansMax));
  }

  /** In place of the one before, which nobody may hold on to any more. Undefined behind the last. */
  async next(): Promise<Puts | undefined> {
    await this.#reserve(LIMITS.mediumBodyBytes);
    const puts = await this.#scan.next();
    const bytes = puts?.arena.length ?? 0;
    if (bytes > LIMITS.mediumBodyBytes) await this.#reserve(bytes);
    else this.#reserved?.shrink(bytes);
    return puts;
  }

  /** Harmless when repeated. */
  close(): void {
    this.#scan.close();
    this.#reserved?.release();
  }

  /** In place of what was reserved before: who waits holds nothing. */
  async #reserve(bytes: number): Promise<void> {
    const { services, response } = this.#call;
    this.#reserved?.release();
    this.#reserved = undefined;
    this.#reserved = services.admission.tryReserve(bytes) ?? (await services.admission.reserve(bytes, response));
  }
}

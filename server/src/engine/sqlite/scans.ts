/** What reads a namespace as of one instant for longer than a turn. */
import type { NamespaceAddress, Scan, ScanRange } from '../../kv/engine.ts';
import { HeldSnapshots, type HeldSnapshotsOptions } from './held-snapshots.ts';
import { countKeys } from './key-count.ts';
import { PairScan } from './pair-scan.ts';

export class Scans {
  readonly #snapshots: HeldSnapshots;

  constructor(options: HeldSnapshotsOptions) {
    this.#snapshots = new HeldSnapshots(options);
  }

  open(address: NamespaceAddress, range: ScanRange, countMax?: number): Scan {
    return new PairScan(this.#snapshots.hold(address, countMax), range);
  }

  async count(address: NamespaceAddress, prefix: string, countMax?: number): Promise<number> {
    const snapshot = this.#snapshots.hold(address, countMax);
    try {
      return await countKeys(snapshot, prefix);
    } finally {
      snapshot.close();
    }
  }

  /** Ends what is under way. */
  close(): void {
    this.#snapshots.close();
  }
}

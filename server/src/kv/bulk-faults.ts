/** What is wrong with the items of a bulk request: the first few faults, and how many there are. */
import { type Fault, KvError } from './errors.ts';
import { LIMITS } from './limits.ts';

export class BulkFaults {
  readonly #listed: Fault[] = [];
  #count = 0;

  add(fault: Fault, index: number, key: string | undefined): void {
    this.#count++;
    if (this.#listed.length === LIMITS.bulkFaultsListed) return;
    this.#listed.push({ ...fault, item: key === undefined ? { index } : { index, key } });
  }

  throwIfAny(): void {
    const [first, ...others] = this.#listed;
    if (first !== undefined) throw new KvError([first, ...others], this.#count);
  }
}

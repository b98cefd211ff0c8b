/** Writes the pairs of a file to a namespace, or checks them. */
import type { Clock } from '../kv/engine.ts';
import { LIMITS } from '../kv/limits.ts';
import { type BulkFaults, findFaults, type PairFault } from './bulk-check.ts';
import { packBulks } from './bulk-packer.ts';
import { TRANSFER } from './constants.ts';
import { type ImportOutcome, type ImportRunOptions, importBulks } from './import-run.ts';
import type { Source } from './source-file.ts';

/** Begins at the place `from`, as `placeOf` has it. */
export function importFile(
  { pieces }: Source,
  from: number,
  options: Omit<ImportRunOptions, 'inFlight'> & { readonly inFlight?: number },
): Promise<ImportOutcome> {
  const bulks = packBulks(pieces, { pairsMax: LIMITS.bulkPutPairs, bytesMax: TRANSFER.bulkBytesMax, from });
  return importBulks(bulks, from, { inFlight: TRANSFER.bulksInFlight, ...options });
}

export interface CheckedFile extends BulkFaults {
  readonly pairs: number;
}

/** Throws an `OperatorError` where the file is no file of pairs at all. */
export async function checkFile(
  { pieces }: Source,
  { from, clock, tell }: { readonly from: number; readonly clock: Clock; readonly tell: (pairs: number) => void },
): Promise<CheckedFile> {
  const faults: PairFault[] = [];
  let count = 0;
  let pairs = 0;
  for await (const bulk of packBulks(pieces, {
    pairsMax: LIMITS.bulkPutPairs,
    bytesMax: TRANSFER.bulkBytesMax,
    from,
  })) {
    const found = findFaults(bulk, clock, TRANSFER.faultsListed - faults.length);
    faults.push(...found.faults);
    count += found.count;
    pairs += bulk.starts.length;
    tell(pairs);
  }
  return { faults, count, pairs };
}

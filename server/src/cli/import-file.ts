/** One file of `freehold import`: written or checked, and told of. */
import type { ImportConfig } from '../config/import.ts';
import { OperatorError } from '../operator-error.ts';
import { pairAmount } from '../pair-amount.ts';
import { Progress } from '../progress.ts';
import type { ApiClient } from '../remote/api-client.ts';
import type { RemoteNamespace } from '../remote/namespaces.ts';
import { RemoteError } from '../remote/remote-error.ts';
import { shown } from '../shown.ts';
import { systemClock } from '../system-clock.ts';
import { type BulkFaults, findFaults } from '../transfer/bulk-check.ts';
import { TRANSFER } from '../transfer/constants.ts';
import { importBulk } from '../transfer/import-bulk.ts';
import { checkFile, importFile } from '../transfer/import-file.ts';
import type { ImportCounts, ImportFailure } from '../transfer/import-run.ts';
import { openSource, type Source } from '../transfer/source-file.ts';

interface CheckingOptions extends Pick<ImportConfig, 'fromLine'> {
  readonly file: string;
  readonly signal: AbortSignal;
}

interface WritingOptions extends CheckingOptions, Pick<ImportConfig, 'onConflict'> {}

/** Throws an `OperatorError` where not all was written, when it has told where to go on. */
export async function writePairs(
  api: ApiClient,
  namespace: RemoteNamespace,
  { file, onConflict, fromLine, signal }: WritingOptions,
): Promise<ImportCounts> {
  const source = await openSource(file, signal);
  const progress = progressOf(source, 'importing');
  const { counts, failure } = await importFile(source, fromLine, {
    write: bulk => importBulk(api, namespace, bulk.body, onConflict),
    // A refusal for keys that are there is to say so of the first of them.
    ...(onConflict === 'fail' && { inFlight: 1 }),
    tell: progress.tell,
    stop: signal,
  });
  if (failure !== undefined) {
    progress.stop();
    const found = findRefused(failure);
    tellFaults(found);
    tellCounts(counts);
    tellHowToGoOn(source, failure, onConflict);
    throw found.count === 0 ? failure.cause : atFault(source, found.count);
  }
  progress.end();
  tellCounts(counts);
  return counts;
}

/** Throws an `OperatorError` where a pair is at fault, when it has told which. */
export async function checkPairs({ file, fromLine, signal }: CheckingOptions): Promise<void> {
  const source = await openSource(file, signal);
  const progress = progressOf(source, 'checking');
  const checked = await checkFile(source, { from: fromLine, clock: systemClock, tell: progress.tell });
  progress.end();
  tellFaults(checked);
  if (checked.count > 0) throw atFault(source, checked.count);
  process.stderr.write(`${source.name}: ${pairAmount(checked.pairs)}, none of them at fault\n`);
}

interface FileProgress {
  readonly tell: (pairs: number) => void;
  stop(): void;
  end(): void;
}

/** In bytes of the file where its size is known, else in pairs. */
function progressOf(source: Source, label: string): FileProgress {
  const { bytes } = source;
  const progress = new Progress({ label, unit: bytes === undefined ? 'pairs' : 'bytes' });
  const tell = (pairs: number) => {
    if (bytes === undefined) progress.report(pairs);
    else progress.report(source.bytesRead(), bytes);
  };
  return { tell, stop: () => progress.stop(), end: () => progress.end() };
}

function atFault({ name }: Source, count: number): OperatorError {
  return new OperatorError(`${name}: ${pairAmount(count)} at fault`);
}

/** What is wrong with the pairs of a bulk that a server has refused for them; nothing of one that has failed otherwise. */
function findRefused({ bulk, cause }: ImportFailure): BulkFaults {
  const isRefused = cause instanceof RemoteError && cause.status !== undefined && REFUSALS.includes(cause.status);
  if (bulk === undefined || !isRefused) return { faults: [], count: 0 };
  return findFaults(bulk, systemClock, TRANSFER.faultsListed);
}

const REFUSALS = [400, 413, 414];

function tellFaults({ faults, count }: BulkFaults): void {
  for (const { place, key, reason } of faults) {
    const named = key === undefined ? '' : `, key ${shown(key)}`;
    process.stderr.write(`${place}${named}: ${reason}\n`);
  }
  if (count > faults.length) process.stderr.write(`and ${(count - faults.length).toLocaleString('en-GB')} more\n`);
}

function tellCounts({ written, expired, skipped }: ImportCounts): void {
  const others = [
    expired > 0 && `${expired.toLocaleString('en-GB')} that had expired were left out`,
    skipped > 0 && `${skipped.toLocaleString('en-GB')} were there already`,
  ].filter(Boolean);
  process.stderr.write(`${[`${pairAmount(written)} written`, ...others].join(', ')}\n`);
}

function tellHowToGoOn({ name }: Source, { place }: ImportFailure, onConflict: ImportConfig['onConflict']): void {
  const also = onConflict === 'fail' ? ' --on-conflict skip' : '';
  process.stderr.write(`not all of ${name} is written: go on with --from-line ${place}${also}\n`);
}

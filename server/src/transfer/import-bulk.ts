/** One bulk of an import, as a server takes it. */
import { Readable } from 'node:stream';
import type { OptionValue } from '../options.ts';
import { membersOf } from '../remote/api-answer.ts';
import type { ApiClient } from '../remote/api-client.ts';
import { freeholdPath, type RemoteNamespace } from '../remote/namespaces.ts';
import type { ImportCounts } from './import-run.ts';

/** Stores the pairs of a JSON array, all or none of them. Throws a `RemoteError`. */
export async function importBulk(
  api: ApiClient,
  namespace: Pick<RemoteNamespace, 'account' | 'id'>,
  body: Buffer,
  onConflict: OptionValue<'onConflict'>,
): Promise<ImportCounts> {
  const { result } = await api.json(
    {
      method: 'PUT',
      path: `${freeholdPath(namespace)}/import`,
      query: { on_conflict: onConflict },
      contentType: 'application/json',
      // Made again, a call that has succeeded unseen would find its own keys; one with a stream is made but once.
      body: onConflict === 'fail' ? Readable.from([body]) : body,
    },
    shapeCounts,
  );
  return result;
}

function shapeCounts(result: unknown): ImportCounts | undefined {
  const { written, expired, skipped, unsuccessful_keys: failed } = membersOf(result);
  // Where a server stores some of the pairs only, all are written again.
  if (!Array.isArray(failed) || failed.length > 0) return undefined;
  if (typeof written !== 'number' || typeof expired !== 'number' || typeof skipped !== 'number') return undefined;
  return { written, expired, skipped };
}

/** `freehold import`: the pairs of a file to a namespace, or those of a folder to its namespaces. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { ImportConfig } from '../config/import.ts';
import { interruptible } from '../interruption.ts';
import { normaliseId } from '../kv/namespaces.ts';
import { usageError } from '../operator-error.ts';
import type { ApiClient } from '../remote/api-client.ts';
import { findNamespace, type RemoteNamespace } from '../remote/namespaces.ts';
import { withServer } from '../remote/server-address.ts';
import { writeResult } from '../standard-output.ts';
import type { ImportCounts } from '../transfer/import-run.ts';
import { ensureNamespace } from '../transfer/make-namespace.ts';
import { type Manifest, readManifest, verifyFiles } from '../transfer/manifest.ts';
import { isDirectory, PIPE } from '../transfer/source-file.ts';
import { checkPairs, writePairs } from './import-file.ts';

export function importPairs(config: ImportConfig): Promise<void> {
  return interruptible(async signal => {
    const { target, file, dryRun } = config;
    if (file === undefined && (await isDirectory(target))) await importFolder(config, signal);
    else if (dryRun) await checkPairs({ ...config, file: readable(config), signal });
    else await importFile(config, signal);
  });
}

/** Nobody types pairs by hand. */
function readable({ file = PIPE, remote }: ImportConfig): string {
  if (file !== PIPE || !process.stdin.isTTY) return file;
  throw usageError('import needs a FILE, or pairs in a pipe', remote.command);
}

async function importFile(config: ImportConfig, signal: AbortSignal): Promise<void> {
  const file = readable(config);
  await withServer(config.remote, { readOnly: false, signal }, async api => {
    const namespace = await findOrMake(api, config);
    const counts = await writePairs(api, namespace, { ...config, file, signal });
    if (config.json) await writeResult(`${JSON.stringify({ ...namespace, ...counts })}\n`);
  });
}

function findOrMake(api: ApiClient, { target, account, create }: ImportConfig): Promise<RemoteNamespace> {
  if (!create || account === undefined) return findNamespace(api, target, account);
  const id = normaliseId(target) ?? randomBytes(16).toString('hex');
  return ensureNamespace(api, { account, id, title: target, takesIds: true }, { create });
}

/** Nothing is written before every file has been found to be the one that was exported. */
async function importFolder(config: ImportConfig, signal: AbortSignal): Promise<void> {
  const { target: directory, fromLine, remote, dryRun } = config;
  if (fromLine > 1) throw usageError('--from-line needs one file: import it to its namespace alone', remote.command);
  const manifest = await readManifest(directory);
  await verifyFiles(directory, manifest);
  if (dryRun) {
    for (const { file } of manifest.namespaces) await checkPairs({ file: join(directory, file), fromLine, signal });
    return;
  }
  await withServer(remote, { readOnly: false, signal }, async api => {
    const imported = await writeFolder(api, manifest, config, signal);
    if (config.json) await writeResult(`${JSON.stringify({ namespaces: imported })}\n`);
  });
}

async function writeFolder(
  api: ApiClient,
  { namespaces }: Manifest,
  { target: directory, account, create, onConflict, fromLine }: ImportConfig,
  signal: AbortSignal,
): Promise<(RemoteNamespace & ImportCounts)[]> {
  const imported: (RemoteNamespace & ImportCounts)[] = [];
  for (const { file, id, title, account: home } of namespaces) {
    const namespace = await ensureNamespace(api, { account: account ?? home, id, title, takesIds: true }, { create });
    const path = join(directory, file);
    const counts = await writePairs(api, namespace, { file: path, onConflict, fromLine, signal });
    imported.push({ ...namespace, ...counts });
  }
  return imported;
}

/** `freehold export`: the pairs of one namespace to a file or a pipe, or those of several to a folder. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ExportConfig } from '../config/export.ts';
import { interruptible } from '../interruption.ts';
import { Progress } from '../progress.ts';
import type { ApiClient } from '../remote/api-client.ts';
import { findNamespace, listNamespaces, type RemoteNamespace } from '../remote/namespaces.ts';
import { countKeys } from '../remote/pairs.ts';
import { withServer } from '../remote/server-address.ts';
import { shown } from '../shown.ts';
import { writeResult } from '../standard-output.ts';
import { asArray } from '../transfer/export-format.ts';
import { exportLines } from '../transfer/export-stream.ts';
import { type ExportedNamespace, MANIFEST, manifestText } from '../transfer/manifest.ts';
import { isDirectory, PIPE } from '../transfer/source-file.ts';
import { refuseToReplace, type WrittenFile, writeTarget } from '../transfer/target-file.ts';

export function exportPairs(config: ExportConfig): Promise<void> {
  return interruptible(signal =>
    withServer(config.remote, { readOnly: true, signal }, async api => {
      const namespaces = await chosenNamespaces(api, config);
      const [first] = namespaces;
      if (first !== undefined && namespaces.length === 1 && !(await isFolder(config))) {
        await toFile(api, first, config, signal);
      } else {
        await toFolder(api, namespaces, config, signal);
      }
    }),
  );
}

async function chosenNamespaces(api: ApiClient, { namespaces, account }: ExportConfig): Promise<RemoteNamespace[]> {
  if (namespaces === 'all') return listNamespaces(api, account);
  const found: RemoteNamespace[] = [];
  for (const name of namespaces) found.push(await findNamespace(api, name, account));
  return found;
}

/** With --all also where there is but one namespace. */
async function isFolder({ namespaces, to }: ExportConfig): Promise<boolean> {
  return namespaces === 'all' || to.endsWith('/') || (await isDirectory(to));
}

async function toFile(
  api: ApiClient,
  namespace: RemoteNamespace,
  config: ExportConfig,
  signal: AbortSignal,
): Promise<void> {
  const { to, force, json } = config;
  if (to === PIPE) {
    const reading = await readNamespace(api, namespace, config);
    for await (const piece of reading.pieces) await writeResult(piece);
    reading.end();
    return;
  }
  if (!force) await refuseToReplace(to);
  const { pairs, ...written } = await writeNamespace(api, namespace, to, config, signal);
  if (json) await writeResult(`${JSON.stringify({ ...namespace, file: to, pairs, ...written })}\n`);
}

/** The manifest comes last, so that a folder without one is an export that did not come to its end. */
async function toFolder(
  api: ApiClient,
  namespaces: readonly RemoteNamespace[],
  config: ExportConfig,
  signal: AbortSignal,
): Promise<void> {
  const { to, force, format, json } = config;
  const exportedAt = new Date().toISOString();
  await mkdir(to, { recursive: true, mode: 0o700 });
  const manifest = join(to, MANIFEST);
  if (force) await rm(manifest, { force: true });
  else await refuseToReplace(manifest);
  const exported: ExportedNamespace[] = [];
  for (const namespace of namespaces) {
    const { account, id, title } = namespace;
    const file = `${account}-${id}.${format}`;
    // What an export left that did not come to its end is of no use.
    const written = await writeNamespace(api, namespace, join(to, file), { ...config, force: true }, signal);
    exported.push({ account, id, title, file, ...written });
  }
  const text = manifestText({ exportedAt, from: api.url, namespaces: exported });
  await writeTarget(manifest, Readable.from([Buffer.from(text)]), { force });
  process.stderr.write(
    `exported ${exported.length === 1 ? '1 namespace' : `${exported.length} namespaces`} to ${to}\n`,
  );
  if (json) await writeResult(text);
}

async function writeNamespace(
  api: ApiClient,
  namespace: RemoteNamespace,
  path: string,
  config: ExportConfig,
  signal: AbortSignal,
): Promise<WrittenFile & { readonly pairs: number }> {
  const reading = await readNamespace(api, namespace, config);
  const written = await writeTarget(path, reading.pieces, { force: config.force, signal });
  return { pairs: reading.end(), ...written };
}

interface Reading {
  readonly pieces: AsyncIterable<Uint8Array>;
  /** Tells how long it took. Answers how many pairs there were. */
  end(): number;
}

async function readNamespace(api: ApiClient, namespace: RemoteNamespace, config: ExportConfig): Promise<Reading> {
  const { prefix, where, format } = config;
  const show = config.keys ? 'keys' : 'pairs';
  const total = where === undefined ? await countKeys(api, namespace, prefix) : undefined;
  const progress = new Progress({ label: `exporting ${shown(namespace.title)}`, unit: 'pairs' });
  // A bar has no place among the pairs.
  const isShown = config.to !== PIPE || !process.stdout.isTTY;
  let pairs = 0;
  const lines = exportLines(api, namespace, { show, prefix, where }, more => {
    pairs += more;
    if (isShown) progress.report(pairs, total);
  });
  return {
    pieces: stoppingWith(progress, format === 'json' ? asArray(lines) : lines),
    end: () => {
      progress.report(pairs, total);
      progress.end();
      return pairs;
    },
  };
}

async function* stoppingWith(progress: Progress, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* pieces;
  } finally {
    progress.stop();
  }
}

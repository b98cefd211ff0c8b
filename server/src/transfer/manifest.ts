/** A folder of several namespaces: a file of pairs each, and `manifest.json`, which says what they are. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { OperatorError } from '../operator-error.ts';
import { membersOf } from '../remote/api-answer.ts';
import type { WrittenFile } from './target-file.ts';

export const MANIFEST = 'manifest.json';

/** A folder with a higher number was written by a newer version. */
const FORMAT = 1;

export interface Manifest {
  readonly format: number;
  /** When the export began, in ISO 8601. */
  readonly exportedAt: string;
  /** The URL of the server. */
  readonly from: string;
  readonly namespaces: readonly ExportedNamespace[];
}

export interface ExportedNamespace extends WrittenFile {
  readonly account: string;
  readonly id: string;
  readonly title: string;
  /** Its name in the folder. */
  readonly file: string;
  readonly pairs: number;
}

export function manifestText(manifest: Omit<Manifest, 'format'>): string {
  return `${JSON.stringify({ format: FORMAT, ...manifest }, undefined, 2)}\n`;
}

/** Throws an `OperatorError` where it is not there or not what `manifestText` writes. */
export async function readManifest(directory: string): Promise<Manifest> {
  const path = join(directory, MANIFEST);
  const text = await readFile(path, 'utf8').catch(error => {
    if (error.code !== 'ENOENT') throw error;
    throw new OperatorError(`${directory} has no ${MANIFEST}: it is no export, or one that did not come to its end`);
  });
  const manifest = parseManifest(text);
  if (manifest === undefined) throw new OperatorError(`${path} is not what an export writes`);
  if (manifest.format > FORMAT) throw new OperatorError(`${path} was written by a newer version of Freehold`);
  return manifest;
}

/** Throws an `OperatorError` that names the first file which is not what the manifest says. */
export async function verifyFiles(directory: string, { namespaces }: Manifest): Promise<void> {
  for (const { file, sha256 } of namespaces) {
    const path = join(directory, file);
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    if (hash.digest('hex') === sha256) continue;
    throw new OperatorError(
      `${path} is not the file that was exported: its SHA-256 differs from the one in ${MANIFEST}`,
    );
  }
}

function parseManifest(text: string): Manifest | undefined {
  const { format, exportedAt, from, namespaces } = membersOf(parseJson(text));
  if (typeof format !== 'number' || typeof exportedAt !== 'string' || typeof from !== 'string') return undefined;
  if (!Array.isArray(namespaces)) return undefined;
  const shaped = namespaces.map(shapeNamespace).filter(namespace => namespace !== undefined);
  return shaped.length === namespaces.length ? { format, exportedAt, from, namespaces: shaped } : undefined;
}

const HEX_32 = /^[0-9a-f]{32}$/;
const SHA_256 = /^[0-9a-f]{64}$/;
/** A name alone, so that no manifest makes an import read elsewhere. */
const FILE_NAME = /^\w[\w.-]*$/;

function shapeNamespace(row: unknown): ExportedNamespace | undefined {
  const { account, id, title, file, pairs, bytes, sha256 } = membersOf(row);
  if (!isLike(account, HEX_32) || !isLike(id, HEX_32) || !isLike(file, FILE_NAME) || !isLike(sha256, SHA_256)) return;
  if (typeof title !== 'string' || typeof pairs !== 'number' || typeof bytes !== 'number') return;
  return { account, id, title, file, pairs, bytes, sha256 };
}

function isLike(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

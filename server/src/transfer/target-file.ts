/** A file that is there under its name when it is whole and durable, and not before. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { access, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { OperatorError } from '../operator-error.ts';
import { syncDirectory } from '../sync-directory.ts';
import { fileCoding } from './file-coding.ts';

export interface TargetOptions {
  /** Whether a file of that name is replaced. */
  readonly force: boolean;
  readonly signal?: AbortSignal;
}

/** As the file lies on disk. */
export interface WrittenFile {
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

/** What is written meanwhile goes by another name. */
const PARTIAL = '.partial';

/** Throws an `OperatorError` where a file of that name is there, and whatever the pieces throw. */
export async function writeTarget(
  path: string,
  pieces: AsyncIterable<Uint8Array>,
  { force, signal }: TargetOptions,
): Promise<WrittenFile> {
  const coding = fileCoding(path);
  await refuseUnlessFile(path);
  if (!force) await refuseToReplace(path);
  const partial = path + PARTIAL;
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    // One that was left may be another's to read.
    await rm(partial, { force: true });
    const file = createWriteStream(partial, { mode: 0o600, flags: 'wx', flush: true });
    const counted = async function* (written: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const piece of written) {
        hash.update(piece);
        bytes += piece.length;
        yield piece;
      }
    };
    await pipeline(pieces, coding?.compress() ?? new PassThrough(), counted, file, { ...(signal && { signal }) });
    if (!force) await refuseToReplace(path);
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
  return { bytes, sha256: hash.digest('hex') };
}

/** Throws an `OperatorError` where something of that name is there. */
export async function refuseToReplace(path: string): Promise<void> {
  if (await exists(path))
    throw new OperatorError(`${path} is there already: name another file, or replace it by --force`);
}

/** A device or a pipe would be replaced by a file, and nobody who reads it would get anything. */
async function refuseUnlessFile(path: string): Promise<void> {
  const stats = await stat(path).catch(error => {
    if (error.code !== 'ENOENT') throw error;
  });
  if (stats && !stats.isFile()) throw new OperatorError(`${path} is no regular file: --to - writes to a pipe`);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

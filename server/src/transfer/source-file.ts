/** A file of pairs as it is read, or standard input; decompressed where its name says so. */
import { once } from 'node:events';
import { createReadStream, type ReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { addAbortSignal, pipeline } from 'node:stream';
import { OperatorError } from '../operator-error.ts';
import { type FileCoding, fileCoding } from './file-coding.ts';

/** What stands for standard input or output in place of a file's name. */
export const PIPE = '-';

const PIECE_BYTES = 262_144;

export interface Source {
  /** As in messages. */
  readonly name: string;
  /** Of the file as it lies on disk; absent where nobody knows. */
  readonly bytes?: number;
  /** How many of them have been read. */
  bytesRead(): number;
  /** Throws an `OperatorError` where the file is damaged. To be read once. */
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** The signal ends the reading. Throws the system's error where the file cannot be opened. */
export async function openSource(path: string, signal: AbortSignal): Promise<Source> {
  if (path === PIPE) {
    return { name: 'standard input', bytesRead: () => 0, pieces: addAbortSignal(signal, process.stdin) };
  }
  const coding = fileCoding(path);
  const stats = await stat(path);
  if (stats.isDirectory()) throw new OperatorError(`${path} is a directory`);
  const bytes = stats.isFile() ? stats.size : undefined;
  if (coding !== undefined && bytes === undefined) throw new OperatorError(`${path} is a pipe: decompress it before`);
  const source = new SourceFile(path, { coding, bytes: bytes ?? Number.POSITIVE_INFINITY }, signal);
  await source.open();
  return {
    name: path,
    ...(bytes !== undefined && { bytes }),
    bytesRead: () => source.bytesRead,
    pieces: source.pieces(),
  };
}

interface Form {
  readonly coding: FileCoding | undefined;
  readonly bytes: number;
}

class SourceFile {
  readonly #path: string;
  readonly #coding: FileCoding | undefined;
  readonly #bytes: number;
  readonly #signal: AbortSignal;
  #file: ReadStream;
  /** Where in the file the stream begins. */
  #start = 0;

  constructor(path: string, { coding, bytes }: Form, signal: AbortSignal) {
    this.#path = path;
    this.#coding = coding;
    this.#bytes = bytes;
    this.#signal = signal;
    this.#file = this.#streamFrom(0);
  }

  get bytesRead(): number {
    return Math.min(this.#start + this.#file.bytesRead, this.#bytes);
  }

  async open(): Promise<void> {
    await once(this.#file, 'open');
  }

  async *pieces(): AsyncGenerator<Buffer> {
    const coding = this.#coding;
    if (coding === undefined) yield* this.#file;
    else yield* this.#decompressed(coding);
  }

  /** A file may have several parts, of which Node's zstd reads but the first, and itself writes an empty one at the end. */
  async *#decompressed(coding: FileCoding): AsyncGenerator<Buffer> {
    for (;;) {
      const file = this.#file;
      const decoder = coding.decompress();
      try {
        // What goes wrong with either stream, the last one throws.
        yield* pipeline(file, decoder, () => {});
      } catch (error) {
        if (!(error instanceof Error) || 'syscall' in error || this.#signal.aborted) throw error;
        throw new OperatorError(`${this.#path} is not valid ${coding.name}: ${error.message}`, { cause: error });
      }
      this.#start += decoder.bytesWritten;
      if (this.#start >= this.#bytes) return;
      this.#file = this.#streamFrom(this.#start);
    }
  }

  #streamFrom(start: number): ReadStream {
    return addAbortSignal(this.#signal, createReadStream(this.#path, { start, highWaterMark: PIECE_BYTES }));
  }
}

export async function isDirectory(path: string): Promise<boolean> {
  const stats = await stat(path).catch(error => {
    if (error.code !== 'ENOENT') throw error;
  });
  return stats?.isDirectory() ?? false;
}

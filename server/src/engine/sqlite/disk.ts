/** The free space that puts must leave on the disk: on a really full one SQLite cannot even delete or checkpoint. */
import { statfsSync } from 'node:fs';
import { SQLITE } from './constants.ts';

export interface DiskSpace {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** What this user may still write to the file system of `directory`. */
export function readDiskSpace(directory: string): DiskSpace {
  const { bavail, blocks, bsize } = statfsSync(directory);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}

/** The floor where the operator names none. */
export function defaultFreeBytesMin({ totalBytes }: DiskSpace): number {
  return Math.min(SQLITE.diskFreeBytesMin, Math.floor(totalBytes * SQLITE.diskFreeShareMin));
}

export class DiskFloor {
  readonly #freeBytesMin: number;
  readonly #readFreeBytes: () => number;

  constructor(freeBytesMin: number, readFreeBytes: () => number) {
    this.#freeBytesMin = freeBytesMin;
    this.#readFreeBytes = readFreeBytes;
  }

  /** Bytes that may be written before the floor is reached; negative under it. */
  spareBytes(): number {
    return this.#readFreeBytes() - this.#freeBytesMin;
  }

  /** What is wrong with the disk, if anything. */
  shortage(): string | undefined {
    try {
      const freeBytes = this.#readFreeBytes();
      if (freeBytes >= this.#freeBytesMin) return undefined;
      return `free disk space is ${freeBytes} bytes, under the floor of ${this.#freeBytesMin}`;
    } catch (error) {
      return `free disk space cannot be read: ${String(error)}`;
    }
  }
}

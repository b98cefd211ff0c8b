/** How the engine stands: its figures, and what of disk and log keeps it from being ready. */
import { statSync } from 'node:fs';
import type { Check, Clock, EngineFigures } from '../../kv/engine.ts';
import type { Slots } from '../../kv/histogram.ts';
import { SQLITE } from './constants.ts';
import { DiskFloor, readDiskSpace } from './disk.ts';
import { readBackups, readLogHeldBytes, readLogLeftBytes, readWriterFigures } from './figures.ts';
import { databaseFile, logFile } from './schema.ts';

export interface StandingOptions {
  readonly directory: string;
  readonly diskFreeBytesMin: number;
  readonly clock: Clock;
  /** Of `newWriterFigures`. */
  readonly figures: Slots;
  readonly logReadyBytesMax?: number;
}

export class Standing {
  readonly #options: StandingOptions;
  readonly #diskFloor: DiskFloor;

  constructor(options: StandingOptions) {
    const { directory, diskFreeBytesMin, figures } = options;
    this.#options = options;
    // As the writer has it: what lies in the log only has yet to find its place in the database.
    this.#diskFloor = new DiskFloor(
      diskFreeBytesMin,
      () => readDiskSpace(directory).freeBytes - readLogLeftBytes(figures),
    );
  }

  /** What may be written before the disk's floor is reached; negative under it. Throws where that cannot be told. */
  spareBytes(): number {
    return this.#diskFloor.spareBytes();
  }

  /** Of the disk and of the log. */
  check(): readonly Check[] {
    return [checkOf('disk', this.#diskFloor.shortage()), checkOf('log', this.#excess())];
  }

  figures(): EngineFigures {
    const { directory, diskFreeBytesMin, clock, figures } = this.#options;
    const { logWaitsSince, ...totals } = readWriterFigures(figures);
    const local = {
      databaseBytes: bytesOf(databaseFile(directory)),
      logBytes: bytesOf(logFile(directory)),
      // A clock that was set back makes no age negative.
      logAgeSeconds: logWaitsSince === undefined ? 0 : Math.max(0, clock() - logWaitsSince),
      diskFreeBytes: readDiskSpace(directory).freeBytes,
      diskFreeBytesMin,
      backups: readBackups(figures),
    };
    return { ...totals, local };
  }

  #excess(): string | undefined {
    const { directory, figures, logReadyBytesMax = SQLITE.logReadyBytesMax } = this.#options;
    const bytes = bytesOf(logFile(directory));
    // What a backup lets it grow by is given back when that is over.
    const bound = readLogHeldBytes(figures) + logReadyBytesMax;
    return bytes > bound ? `the log has ${bytes} bytes, over its bound of ${bound}` : undefined;
  }
}

function checkOf(name: string, reason: string | undefined): Check {
  return { name, ...(reason !== undefined && { reason }) };
}

function bytesOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

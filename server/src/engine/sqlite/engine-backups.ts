/** The backups of an engine at work, of the thread that holds the directory. */
import type { BackupFigures, Clock } from '../../kv/engine.ts';
import type { Slots } from '../../kv/histogram.ts';
import type { BackupOrder, BackupProgress, BackupReport } from './backup.ts';
import { type BackupWatch, backUp } from './backup-client.ts';
import { holdLog, noteBackups } from './figures.ts';

interface EngineBackupsParts {
  readonly directory: string;
  readonly diskFreeBytesMin: number;
  readonly clock: Clock;
  /** Of `newWriterFigures`. */
  readonly figures: Slots;
}

export class EngineBackups {
  readonly #parts: EngineBackupsParts;

  constructor(parts: EngineBackupsParts) {
    this.#parts = parts;
  }

  /** One at a time, while all else goes on. Rejects with a `BackupError`, or with the reason of the signal. */
  async backUp(what: Pick<BackupOrder, 'target' | 'version'>, watch: BackupWatch): Promise<BackupReport> {
    const { directory, diskFreeBytesMin, figures, clock } = this.#parts;
    const order = { ...what, directory, diskFreeBytesMin, now: clock() };
    const letGo = holdLog(figures);
    const onProgress = (progress: BackupProgress) => {
      // What is copied is needed in the log no more.
      if (progress.phase !== 'copying') letGo();
      watch.onProgress(progress);
    };
    try {
      return await backUp({ order, rests: true }, { ...watch, onProgress });
    } finally {
      letGo();
    }
  }

  /** For the figures of all threads. */
  note(figures: BackupFigures): void {
    noteBackups(this.#parts.figures, figures);
  }
}

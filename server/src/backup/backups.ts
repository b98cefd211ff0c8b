/** The backups of a running server: those that it is asked for, and those that it makes by itself. One at a time. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { SharedEngine } from '../data-directory.ts';
import { type BackupProgress, type BackupReport, forOperators } from '../database-backup.ts';
import type { BackupFigures, Clock } from '../kv/engine.ts';
import { OperatorError } from '../operator-error.ts';
import { version } from '../version.ts';
import { backupName } from './backup-name.ts';
import { checkBackupDirectory, keptBackups, removeBrokenOff, removeOldBackups } from './kept-backups.ts';
import { type BackupSchedule, readSchedule, writeSchedule } from './schedule.ts';

export interface BackupsParts {
  readonly engine: Pick<SharedEngine['backups'], 'backUp' | 'note'>;
  readonly dataDirectory: string;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

/** All instants are in seconds since the Unix epoch. */
export interface BackupStatus {
  readonly running?: BackupProgress & { readonly file: string };
  readonly schedule?: BackupSchedule & {
    /** When the next is due, which may have passed by a little. */
    readonly nextAt: number;
    /** The newest that the schedule has made. */
    readonly lastAt?: number;
  };
  /** What became of the last one, if it failed. */
  readonly failure?: { readonly at: number; readonly message: string };
}

interface Running {
  readonly file: string;
  readonly controller: AbortController;
  progress: BackupProgress;
  readonly done: Promise<unknown>;
}

const TICK_MS = 1_000;
/** When one has failed, the next is tried this soon, or after the interval if that is shorter: 5 minutes. */
const RETRY_SECONDS = 300;
const BEGINNING: BackupProgress = { phase: 'copying', bytes: 0, bytesTotal: 0 };

export class Backups {
  readonly #parts: BackupsParts;
  #figures: BackupFigures = { lastAt: 0, lastSeconds: 0, lastBytes: 0, failures: 0, intervalSeconds: 0 };
  #schedule: BackupSchedule | undefined;
  #scheduledAt: number | undefined;
  #failure: BackupStatus['failure'];
  #retryAt = 0;
  #running: Running | undefined;
  #ticks: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(parts: BackupsParts) {
    this.#parts = parts;
  }

  /** With the schedule that is kept in the data directory; where it cannot be read, the log says so. */
  static async open(parts: BackupsParts): Promise<Backups> {
    const backups = new Backups(parts);
    await backups.#load();
    return backups;
  }

  /** Begins to look at the clock; before that, and in tests, `tick` has to be called. */
  start(): void {
    this.#ticks = setInterval(() => void this.tick(), TICK_MS).unref();
  }

  get status(): BackupStatus {
    const { clock } = this.#parts;
    const [running, schedule, lastAt, failure] = [this.#running, this.#schedule, this.#scheduledAt, this.#failure];
    const nextAt = this.#dueAt(clock());
    return {
      ...(running && { running: { ...running.progress, file: running.file } }),
      ...(schedule && { schedule: { ...schedule, nextAt, ...(lastAt !== undefined && { lastAt }) } }),
      ...(failure && { failure }),
    };
  }

  /** Rejects with an `OperatorError`, also while another is made. */
  make(file: string): Promise<BackupReport> {
    return this.#begin(file);
  }

  /** Ends the one that is being made, if one is; it rejects then. */
  async cancel(reason = 'the backup was cancelled'): Promise<void> {
    this.#running?.controller.abort(new OperatorError(reason));
    await this.#running?.done;
  }

  /** Durably. Rejects with an `OperatorError` where the directory is none to keep backups in. */
  async setSchedule(schedule: BackupSchedule | undefined): Promise<void> {
    if (schedule !== undefined) await checkBackupDirectory(schedule.to);
    await writeSchedule(this.#parts.dataDirectory, schedule);
    await this.#take(schedule);
  }

  /** Makes a backup if one is due; ends when it is made. */
  async tick(): Promise<void> {
    const schedule = this.#schedule;
    const now = this.#parts.clock();
    if (schedule === undefined || this.#running || this.#closed || now < this.#dueAt(now)) return;
    this.#retryAt = now + Math.min(schedule.everySeconds, RETRY_SECONDS);
    try {
      const file = join(schedule.to, backupName(now));
      const { madeAt } = await this.#begin(file, () => this.#makeRoom(schedule.to));
      await this.#scheduled(schedule.to, madeAt);
    } catch {
      // It is in the log, among the figures and in the status.
    }
  }

  /** Ends a backup that is being made, and makes no more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#ticks);
    await this.cancel('the server is stopping');
  }

  /** `makeRoom` is called when no other backup is made nor can be. */
  #begin(file: string, makeRoom?: () => Promise<void>): Promise<BackupReport> {
    const hindrance = this.#hindrance;
    if (hindrance !== undefined) return Promise.reject(new OperatorError(hindrance));
    const controller = new AbortController();
    const made = this.#make(file, controller.signal, makeRoom);
    const done = made.catch(() => {});
    this.#running = { file, controller, progress: BEGINNING, done };
    return made;
  }

  async #load(): Promise<void> {
    const { dataDirectory, log } = this.#parts;
    try {
      await this.#take(await readSchedule(dataDirectory));
    } catch (error) {
      this.#failed(error as Error);
      log.error({ err: error }, 'no backups are made by schedule');
    }
  }

  async #take(schedule: BackupSchedule | undefined): Promise<void> {
    this.#schedule = schedule;
    this.#retryAt = 0;
    const now = this.#parts.clock();
    const newest = schedule && (await keptBackups(schedule.to, now).catch(() => []))[0];
    // One from the future, by a clock that was set back since, is no reason to make none until then.
    this.#scheduledAt = newest && Math.min(newest.at, now);
    const lastAt = Math.max(this.#figures.lastAt, this.#scheduledAt ?? 0);
    this.#note({ lastAt, intervalSeconds: schedule?.everySeconds ?? 0 });
  }

  get #hindrance(): string | undefined {
    if (this.#closed) return 'the server is stopping';
    return this.#running && `another backup is being made: ${this.#running.file}`;
  }

  #dueAt(now: number): number {
    const { everySeconds = 0 } = this.#schedule ?? {};
    const due = this.#scheduledAt === undefined ? now : this.#scheduledAt + everySeconds;
    return Math.max(due, this.#retryAt);
  }

  async #make(file: string, signal: AbortSignal, makeRoom = () => Promise.resolve()): Promise<BackupReport> {
    const { engine, log } = this.#parts;
    const startMs = performance.now();
    try {
      const onProgress = (progress: BackupProgress) => {
        if (this.#running) this.#running.progress = progress;
      };
      await makeRoom();
      const report = await forOperators(() => engine.backUp({ target: file, version }, { onProgress, signal }));
      const seconds = (performance.now() - startMs) / 1_000;
      this.#failure = undefined;
      this.#note({ lastAt: report.madeAt, lastSeconds: seconds, lastBytes: report.bytes });
      log.info({ backup: { ...report, seconds } }, 'backup made');
      return report;
    } catch (error) {
      // Whoever has cancelled it knows.
      if (!signal.aborted) {
        this.#failed(error as Error);
        this.#note({ failures: this.#figures.failures + 1 });
      }
      log.error({ err: error, backup: { file } }, 'backup failed');
      throw error;
    } finally {
      // Before anybody knows that it is over, and asks for another.
      this.#running = undefined;
    }
  }

  /** By the schedule as it is now: it may have been changed while the backup was made. */
  async #scheduled(to: string, madeAt: number): Promise<void> {
    const { log } = this.#parts;
    if (this.#schedule?.to !== to) return;
    this.#scheduledAt = madeAt;
    try {
      const removed = await removeOldBackups(to, this.#schedule.keep, madeAt);
      if (removed.length > 0) log.info({ files: removed }, 'old backups removed');
    } catch (error) {
      log.warn({ err: error }, 'old backups cannot be removed');
    }
  }

  async #makeRoom(directory: string): Promise<void> {
    const { log } = this.#parts;
    await removeBrokenOff(directory).catch(error => log.warn({ err: error }, 'broken-off backups cannot be removed'));
  }

  #failed({ message }: Error): void {
    this.#failure = { at: this.#parts.clock(), message };
  }

  #note(changed: Partial<BackupFigures>): void {
    this.#figures = { ...this.#figures, ...changed };
    this.#parts.engine.note(this.#figures);
  }
}

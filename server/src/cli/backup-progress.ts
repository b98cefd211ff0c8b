/** Shows how far a backup, a restore or a verification has come. */
import type { BackupProgress } from '../database-backup.ts';
import { Progress } from '../progress.ts';

export class BackupBar {
  readonly #labels: Readonly<Record<BackupProgress['phase'], string>>;
  #phase: BackupProgress['phase'] | undefined;
  #bar: Progress | undefined;

  /** `copying` is what copying is for. */
  constructor(copying: string) {
    this.#labels = { copying, checking: 'checking', reading: 'verifying' };
  }

  readonly report = ({ phase, bytes, bytesTotal }: BackupProgress): void => {
    if (phase !== this.#phase) {
      this.#bar?.end();
      this.#phase = phase;
      // How far the check of the file has come nobody knows.
      this.#bar = phase === 'checking' ? undefined : new Progress({ label: this.#labels[phase], unit: 'bytes' });
    }
    this.#bar?.report(bytes, bytesTotal);
  };

  end(): void {
    this.#bar?.end();
    this.#bar = undefined;
  }

  /** It has failed. */
  stop(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}

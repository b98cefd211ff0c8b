/** Files that have their name only once they are whole: those of backups, and a database that is restored. */
import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { BackupError } from './backup-error.ts';
import { readDiskSpace } from './disk.ts';

export class DraftFile {
  readonly path: string;
  readonly #file: string;

  /** `suffix` is what the name has more until it is whole. */
  constructor(file: string, suffix: string) {
    this.#file = file;
    this.path = file + suffix;
  }

  /** Takes the place of one that was broken off. For the owner only, from its first byte on. */
  create(): void {
    this.#refuseTaken();
    this.remove();
    closeSync(openSync(this.path, 'wx', 0o600));
  }

  /** Waits until the disk has what was written so far. */
  sync(): void {
    syncPath(this.path);
  }

  /** Gives it its name, durably. */
  finish(): void {
    chmodSync(this.path, 0o600);
    this.sync();
    this.#refuseTaken();
    renameSync(this.path, this.#file);
    syncPath(dirname(this.#file));
  }

  remove(): void {
    for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(this.path + suffix, { force: true });
  }

  #refuseTaken(): void {
    if (existsSync(this.#file)) throw new BackupError(`${this.#file} is there already`);
  }
}

/** Throws a `BackupError` where so much does not fit into the directory with `floorBytes` left over. */
export function claimSpace(directory: string, bytes: number, floorBytes: number): void {
  const { freeBytes } = readDiskSpace(directory);
  if (freeBytes >= bytes + floorBytes) return;
  const left = floorBytes > 0 ? `, and ${floorBytes} are to stay free` : '';
  throw new BackupError(`${directory} has ${freeBytes} bytes free, where ${bytes} are needed${left}`);
}

/** Whether both lie on one file system, so that what one takes the other lacks. */
export function shareDisk(one: string, other: string): boolean {
  return statSync(one).dev === statSync(other).dev;
}

function syncPath(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Temporary directories, on the disk that is measured. */
import { mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BLOCK_BYTES = 512;

export class Workspace {
  readonly root: string;

  /** In the temporary directory of the system, unless another one is named; that is made where it is missing. */
  constructor(parent: string = tmpdir()) {
    mkdirSync(parent, { recursive: true });
    this.root = mkdtempSync(join(parent, 'freehold-bench-'));
  }

  /** A new, empty one. */
  directory(name: string): Promise<string> {
    return mkdtemp(join(this.root, `${name}-`));
  }

  /** Removes one that is done with. */
  async drop(directory: string): Promise<void> {
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Removes everything, at once, so that it can be done while the process ends. */
  remove(): void {
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** What the files of a directory take on the disk. */
export async function bytesOnDisk(directory: string): Promise<number> {
  const names = await readdir(directory);
  const blocks = await Promise.all(names.map(async name => (await stat(join(directory, name))).blocks));
  return blocks.reduce((sum, count) => sum + count, 0) * BLOCK_BYTES;
}

const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  16914836: 'tmpfs',
  61267: 'ext4',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  2035054128: 'overlay',
  801189825: 'zfs',
};

export function fileSystemOf(directory: string): string {
  const { type } = statfsSync(directory);
  return FILE_SYSTEMS[type] ?? `type 0x${type.toString(16)}`;
}

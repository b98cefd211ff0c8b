/**
 * A file system of a few dozen megabytes. It is mounted in a mount namespace of its own, so that it is gone with the
 * process that holds it, however that ends.
 */
import { statfsSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Running, temporaryDirectory } from '../../server/src/cli/process.fixture.ts';

const MOUNT = 'mount -t tmpfs -o size=$0 freehold "$1" && echo mounted && exec sleep infinity';

export class SmallDisk {
  /** Where it is mounted, as seen by what `wrapper` runs. */
  readonly directory: string;
  /** Runs a command that sees it. */
  readonly wrapper: readonly string[];
  /** The same place, as everybody sees it. */
  readonly seen: string;

  private constructor(directory: string, holder: number) {
    this.directory = directory;
    this.wrapper = ['nsenter', `--mount=/proc/${holder}/ns/mnt`, '--'];
    this.seen = `/proc/${holder}/root${directory}`;
  }

  static async mount(bytes: number): Promise<SmallDisk> {
    const directory = await temporaryDirectory();
    const holder = new Running('unshare', ['--mount', 'sh', '-c', MOUNT, String(bytes), directory], {});
    await holder.output(/mounted/);
    return new SmallDisk(directory, holder.child.pid ?? 0);
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.seen);
    return bavail * bsize;
  }

  /** Fills it, as another program would, until no more than so much is free. */
  async fill(freeBytes: number): Promise<void> {
    const file = await open(join(this.seen, 'ballast'), 'a');
    try {
      while (this.freeBytes > freeBytes)
        await file.write(Buffer.alloc(Math.min(this.freeBytes - freeBytes, 1_048_576)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      await file.close();
    }
  }

  /** Takes away what `fill` has put there. */
  async clear(): Promise<void> {
    await rm(join(this.seen, 'ballast'), { force: true });
  }
}

/** What the data directory lies on, and how much space is left there. */
import { statfsSync } from 'node:fs';
import { diskFloorOf } from '../database-inspection.ts';
import { type Finding, ok, problem, skipped, warning } from './finding.ts';
import type { Site } from './site.ts';

const NETWORK = 'locks and syncs do not work reliably over a network; move the directory to a local disk';
const MEMORY = 'it is memory, and lost at the next boot; move the directory to a disk';
const CONTAINER = 'it goes when the container does; mount a volume for the directory';
const UNKNOWN = 'make sure that it is local and that a sync reaches the disk';

/** By the numbers of statfs(2) on Linux; what is not here is a local file system. */
const FILE_SYSTEMS: Readonly<Record<number, Finding>> = {
  26985: problem('NFS', NETWORK),
  20859: problem('SMB', NETWORK),
  4266872130: problem('SMB 2', NETWORK),
  4283649346: problem('CIFS', NETWORK),
  12805120: problem('Ceph', NETWORK),
  16914839: problem('9P', NETWORK),
  16914836: problem('tmpfs', MEMORY),
  2240043254: problem('ramfs', MEMORY),
  2035054128: warning("overlay, a container's own layer", CONTAINER),
  1702057286: warning('FUSE', UNKNOWN),
};

export function checkFileSystem({ directory }: Site): Finding {
  if (process.platform !== 'linux') return skipped('known on Linux only');
  return judgeFileSystem(statfsSync(directory).type);
}

/** Of a number that statfs(2) tells. */
export function judgeFileSystem(type: number): Finding {
  const unsigned = type >>> 0;
  const name = `0x${unsigned.toString(16)}`;
  return FILE_SYSTEMS[unsigned] ?? ok(`local (type ${name})`);
}

/** How often the floor there should be, so that there is time to act. */
const COMFORT = 2;

export function checkSpace({ directory, diskFreeBytesMin }: Site): Finding {
  const { freeBytes, floorBytes } = diskFloorOf(directory, diskFreeBytesMin);
  const text = `${megabytes(freeBytes)} free, writes are refused under ${megabytes(floorBytes)}`;
  if (freeBytes < floorBytes) return problem(text, 'free some space; writes then work again without a restart');
  return freeBytes < COMFORT * floorBytes ? warning(text, 'free some space soon') : ok(text);
}

function megabytes(bytes: number): string {
  return `${Math.floor(bytes / 1_000_000).toLocaleString('en-GB')} MB`;
}

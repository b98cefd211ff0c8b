/** What can be learned of a data directory without opening an engine on it. */
import { defaultFreeBytesMin, readDiskSpace } from './engine/sqlite/disk.ts';

export { type DatabaseReport, inspectDatabase, sqliteVersion } from './engine/sqlite/inspection.ts';

/** Free space, and that under which writes are refused. */
export function diskFloorOf(directory: string, diskFreeBytesMin?: number): { freeBytes: number; floorBytes: number } {
  const space = readDiskSpace(directory);
  return { freeBytes: space.freeBytes, floorBytes: diskFreeBytesMin ?? defaultFreeBytesMin(space) };
}

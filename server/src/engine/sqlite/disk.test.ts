import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { DiskFloor, defaultFreeBytesMin, readDiskSpace } from './disk.ts';

const GIB = 1_024 ** 3;

it('has a floor of 512 MiB, or of 5 % on a small disk', () => {
  expect(defaultFreeBytesMin({ freeBytes: 0, totalBytes: 100 * GIB })).toBe(GIB / 2);
  expect(defaultFreeBytesMin({ freeBytes: 0, totalBytes: GIB })).toBe(Math.floor(GIB / 20));
});

it('reads the disk anew each time', () => {
  let freeBytes = 150;
  const floor = new DiskFloor(100, () => freeBytes);
  expect([floor.spareBytes(), floor.shortage()]).toEqual([50, undefined]);
  freeBytes = 99;
  expect([floor.spareBytes(), floor.shortage()]).toEqual([-1, 'free disk space is 99 bytes, under the floor of 100']);
  freeBytes = 100;
  expect([floor.spareBytes(), floor.shortage()]).toEqual([0, undefined]);
});

it('takes a disk that cannot be read for a shortage', () => {
  const floor = new DiskFloor(100, () => readDiskSpace('/does/not/exist').freeBytes);
  expect(floor.shortage()).toMatch(/cannot be read: .*ENOENT/);
});

it('knows the disk of a directory', () => {
  const { freeBytes, totalBytes } = readDiskSpace(tmpdir());
  expect(freeBytes).toBeGreaterThan(0);
  expect(totalBytes).toBeGreaterThanOrEqual(freeBytes);
});

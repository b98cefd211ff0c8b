import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A new directory that is gone after the test which asked for it. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'freehold-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

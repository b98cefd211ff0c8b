import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../conformance/temporary-directory.ts';
import { DirectoryLock } from './lock.ts';

it('keeps a second engine of the same process out', () => {
  const directory = temporaryDirectory();
  const lock = DirectoryLock.acquire(directory);
  expect(() => DirectoryLock.acquire(directory)).toThrow(
    expect.objectContaining({
      name: 'DataDirectoryError',
      reason: 'inUse',
      message: expect.stringContaining('--data'),
    }),
  );
  lock.release();
  DirectoryLock.acquire(directory).release();
});

it('keeps another process out, until that is killed', async () => {
  const directory = temporaryDirectory();
  const script = `
    import { DirectoryLock } from ${JSON.stringify(new URL('./lock.ts', import.meta.url).href)};
    // Collected as garbage, it would be released.
    globalThis.lock = DirectoryLock.acquire(${JSON.stringify(directory)});
    console.log('locked');
    setInterval(() => {}, 60_000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  expect(() => DirectoryLock.acquire(directory)).toThrow(expect.objectContaining({ reason: 'inUse' }));
  child.kill('SIGKILL');
  await once(child, 'exit');
  DirectoryLock.acquire(directory).release();
});

it('tells a directory that is not there from one that is in use', () => {
  const missing = join(temporaryDirectory(), 'missing');
  expect(() => DirectoryLock.acquire(missing)).toThrow(expect.objectContaining({ reason: 'inaccessible' }));
});

it('remembers that there was a database, also after a kill', () => {
  const directory = temporaryDirectory();
  const lock = DirectoryLock.acquire(directory);
  expect(lock.databaseNoted).toBe(false);
  lock.noteDatabase();
  const killed = temporaryDirectory();
  for (const name of readdirSync(directory)) copyFileSync(join(directory, name), join(killed, name));
  lock.release();
  for (const place of [directory, killed]) {
    const again = DirectoryLock.acquire(place);
    expect(again.databaseNoted).toBe(true);
    again.release();
  }
});

it('says what to do about a lock file that is damaged', () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'lock.db'), 'garbage'.repeat(1_000));
  expect(() => DirectoryLock.acquire(directory)).toThrow(
    expect.objectContaining({ reason: 'damaged', message: expect.stringMatching(/remove .*lock\.db/) }),
  );
});

/** Chromium without a window, for one page. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-breakpad',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-first-run',
];

/** Shows the page until `done` is settled, and answers what it is settled with; `signal` ends it before. */
export async function showInChromium(page: string, done: Promise<string>, signal: AbortSignal): Promise<string> {
  const profile = await mkdtemp(join(tmpdir(), 'freehold-chromium-'));
  const argv = [...FLAGS, `--user-data-dir=${profile}`, page];
  // A group of its own, because there are processes that outlive the first one.
  const chromium = spawn('chromium', argv, { detached: true, stdio: 'ignore' });
  const closed = once(chromium, 'close');
  try {
    return await Promise.race([done, closed.then(([code]) => unexpectedEnd(code)), aborted(signal)]);
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw isAbsent ? new Error('chromium is not installed: run apt-get install chromium', { cause: error }) : error;
  } finally {
    const { pid, exitCode, signalCode } = chromium;
    if (pid !== undefined && exitCode === null && signalCode === null) {
      process.kill(-pid, 'SIGKILL');
      await closed;
    }
    await rm(profile, { recursive: true, maxRetries: 10 });
  }
}

function unexpectedEnd(code: unknown): never {
  throw new Error(`chromium ended with ${code} before the page was done`);
}

async function aborted(signal: AbortSignal): Promise<never> {
  await once(signal, 'abort');
  throw signal.reason;
}

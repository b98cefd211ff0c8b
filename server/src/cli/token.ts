/** `freehold token …`: through the admin socket where a server runs, on its stopped data directory otherwise. */
import { resolve } from 'node:path';
import { askServer } from '../admin/client.ts';
import { resetRootToken } from '../admin/root-token.ts';
import type { TokenConfig } from '../config.ts';

export async function resetRoot({ dataDirectory }: TokenConfig): Promise<void> {
  const directory = resolve(dataDirectory);
  const { token } = (await askServer(directory, 'POST /token/reset-root')) ?? (await resetStopped(directory));
  process.stderr.write('The new root token follows; the old one no longer works.\n');
  process.stdout.write(`${token}\n`);
}

async function resetStopped(directory: string): Promise<{ token: string }> {
  // Loaded only here, because the engine is not needed where a server runs.
  const { openExistingEngine } = await import('../data-directory.ts');
  // At the time 0 nothing has expired, so that nothing is swept in passing.
  const engine = await openExistingEngine(directory, { clock: () => 0, onFatal: () => {} });
  try {
    return await resetRootToken(engine, directory);
  } finally {
    await engine.close();
  }
}

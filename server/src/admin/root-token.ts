/** How the root token comes to be: minted at the first start, given by the operator, or replaced when lost. */
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../kv/engine.ts';
import { syncDirectory } from '../sync-directory.ts';
import { hashToken, mintToken } from '../tokens.ts';

type Store = Pick<Engine, 'rootTokenHash' | 'setRootTokenHash'>;

/** Makes `token` the root token; answers whether it was not already. */
export async function setRootToken(store: Store, dataDirectory: string, token: string): Promise<boolean> {
  const hash = hashToken(token);
  const stored = await store.rootTokenHash();
  if (stored !== undefined && hash.equals(stored)) return false;
  // The file first: if it cannot be removed, the old token must go on working, as nobody has seen the new one yet.
  await rm(tokenFile(dataDirectory), { force: true });
  await store.setRootTokenHash(hash);
  return true;
}

/**
 * Mints the root token where there is none yet. `show` gets it before it becomes valid, so that a crash in between
 * leaves a token that does not work rather than one that nobody knows.
 */
export async function mintFirstRootToken(store: Store, show: (token: string) => void | Promise<void>): Promise<void> {
  if ((await store.rootTokenHash()) !== undefined) return;
  const token = mintToken();
  await show(token);
  await store.setRootTokenHash(hashToken(token));
}

/** A new root token in place of the old one. */
export async function resetRootToken(store: Store, dataDirectory: string): Promise<{ token: string }> {
  const token = mintToken();
  await setRootToken(store, dataDirectory, token);
  return { token };
}

/** Writes the token durably to a file that only its owner can read; answers the file's path. */
export async function writeTokenFile(dataDirectory: string, token: string): Promise<string> {
  const path = tokenFile(dataDirectory);
  const draft = `${path}.new`;
  await rm(draft, { force: true });
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${token}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  await syncDirectory(dataDirectory);
  return path;
}

function tokenFile(dataDirectory: string): string {
  return join(dataDirectory, 'root-token');
}

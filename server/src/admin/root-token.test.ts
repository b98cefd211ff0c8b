import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../cli/process.fixture.ts';
import { hashToken } from '../tokens.ts';
import { resetRootToken } from './root-token.ts';

test('a token file that cannot be removed leaves the old token valid', async () => {
  const directory = await temporaryDirectory();
  // A folder in its place cannot be removed like a file.
  await mkdir(join(directory, 'root-token'));
  await writeFile(join(directory, 'root-token', 'inside'), '');
  let stored: Uint8Array = hashToken('the old token');
  const store = {
    rootTokenHash: () => Promise.resolve(stored),
    setRootTokenHash: (hash: Uint8Array) => {
      stored = hash;
      return Promise.resolve();
    },
  };
  await expect(resetRootToken(store, directory)).rejects.toThrow();
  expect(stored).toEqual(hashToken('the old token'));
});

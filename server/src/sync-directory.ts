import { open } from 'node:fs/promises';

/** Makes durable what names a directory holds: a file that was made or renamed in it is otherwise not safe yet. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

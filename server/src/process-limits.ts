/** What the system lets this process have. */
import { readFileSync } from 'node:fs';

/** How many file descriptors it may open; undefined where the system does not tell, as on macOS. */
export function readFilesMax(): number | undefined {
  try {
    const soft = /^Max open files +(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    // No infinity, which JSON does not have.
    return soft === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(soft);
  } catch {
    return undefined;
  }
}

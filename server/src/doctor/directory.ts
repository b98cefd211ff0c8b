/** The data directory itself: whether it is there, whose it is and who may look into it. */
import { lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Finding, ok, problem, skipped, warning } from './finding.ts';
import type { Site } from './site.ts';

const ALL_BUT_OWNER = 0o077;
/** What `serve` writes the first token to. */
const TOKEN_FILE = 'root-token';

export function checkDirectory({ directory }: Site): Finding {
  const found = statSync(directory, { throwIfNoEntry: false });
  const advice = 'name the data directory of the server with --data';
  if (found === undefined) return problem(`there is no ${directory}`, advice);
  return found.isDirectory() ? ok(directory) : problem(`${directory} is no directory`, advice);
}

export function checkOwner({ directory }: Site): Finding {
  const user = process.getuid?.();
  if (user === undefined) return skipped('this system knows no owners');
  const { uid } = statSync(directory);
  const foreign = entriesOf(directory).filter(({ stats }) => stats.uid !== uid);
  if (foreign.length > 0) {
    const names = foreign.map(({ name }) => name).join(', ');
    return problem(`the directory belongs to user ${uid}, but not ${names}`, `run chown -R ${uid} ${directory}`);
  }
  if (user === uid || user === 0) return ok(`user ${uid}`);
  return warning(`the directory belongs to user ${uid}, and you are user ${user}`, `serve as user ${uid}`);
}

export function checkModes({ directory }: Site): Finding {
  const open = entriesOf(directory).filter(({ stats }) => (stats.mode & ALL_BUT_OWNER) !== 0);
  const token = open.find(({ name }) => name === TOKEN_FILE);
  if (token !== undefined) {
    return problem('others than the owner may use the file root-token', `run chmod 600 ${join(directory, TOKEN_FILE)}`);
  }
  const mode = statSync(directory).mode & 0o777;
  if ((mode & ALL_BUT_OWNER) !== 0) {
    return warning(
      `the directory has mode ${mode.toString(8)}, so that others see into it`,
      `run chmod 700 ${directory}`,
    );
  }
  if (open.length === 0) return ok('for the owner only');
  const names = open.map(({ name }) => name).join(', ');
  return warning(`others than the owner may use ${names}`, `run chmod 600 on each in ${directory}`);
}

function entriesOf(directory: string) {
  return readdirSync(directory).flatMap(name => {
    // One may be gone meanwhile, where a server runs.
    const stats = lstatSync(join(directory, name), { throwIfNoEntry: false });
    return stats === undefined ? [] : [{ name, stats }];
  });
}

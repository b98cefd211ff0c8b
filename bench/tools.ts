/** Programs of the system that the bench uses where they are installed. */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** The Debian package of each. */
const PACKAGES = { wrk: 'wrk', 'redis-server': 'redis-server', 'redis-benchmark': 'redis-tools' } as const;

export type Tool = keyof typeof PACKAGES;

export function hasTool(tool: Tool): boolean {
  return spawnSync(tool, ['--version']).error === undefined;
}

/** How to get one that is missing. */
export function missing(tool: Tool): string {
  return `${tool} is not installed: apt-get install ${PACKAGES[tool]}`;
}

/** Standard output of a run that went well. */
export async function runTool(tool: Tool, args: readonly string[]): Promise<string> {
  if (!hasTool(tool)) throw new Error(missing(tool));
  const { stdout } = await execute(tool, args, { maxBuffer: 16_777_216 });
  return stdout;
}

/** What a tool says of itself with `--version`, wherever it says it. */
export function versionOf(tool: Tool): string | undefined {
  const { error, stdout, stderr } = spawnSync(tool, ['--version'], { encoding: 'utf8' });
  return error === undefined ? /\d+\.\d+[\d.]*/.exec(stdout + stderr)?.[0] : undefined;
}

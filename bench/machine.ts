/** What was measured on, and with which versions. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, release, type as systemName, totalmem } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './build.ts';
import { versionOf } from './tools.ts';
import { fileSystemOf } from './workspace.ts';

export interface Machine {
  readonly system: string;
  readonly processor: string;
  /** All that there are for the server, its client and its peers together. */
  readonly cores: number;
  readonly memoryGiB: number;
  /** Of the data. */
  readonly fileSystem: string;
}

export function describeMachine(directory: string): Machine {
  return {
    system: `${systemName()} ${release()} ${arch()}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    fileSystem: fileSystemOf(directory),
  };
}

/** Name → version of everything that takes part; the server from `build`, if given. */
export function describeVersions(build: string | undefined): Record<string, string> {
  return {
    freehold: build === undefined ? checkoutVersion() : `from ${build}`,
    node: process.versions.node,
    'better-sqlite3': packageVersion('better-sqlite3'),
    redis: versionOf('redis-server') ?? 'not installed',
    wrk: versionOf('wrk') ?? 'not installed',
    wrangler: packageVersion('wrangler'),
  };
}

function checkoutVersion(): string {
  const { version } = readPackage('server');
  const git = (...args: string[]): string =>
    spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' }).stdout?.trim() ?? '';
  const revision = git('rev-parse', '--short', 'HEAD');
  const changed = git('status', '--porcelain', '--', 'server/src') === '' ? '' : ' with changes';
  return revision === '' ? version : `${version} (${revision}${changed})`;
}

function packageVersion(name: string): string {
  return readPackage(join('node_modules', name)).version;
}

function readPackage(directory: string): { readonly version: string } {
  return JSON.parse(readFileSync(join(ROOT, directory, 'package.json'), 'utf8'));
}

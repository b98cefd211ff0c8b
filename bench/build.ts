/** Builds of the server that are measured: this checkout's, and another one to compare it with. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Build {
  /** As what it takes part. */
  readonly name: string;
  /** Its command line. */
  readonly main: string;
}

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SERVER = join(ROOT, 'server');
const DIST = join(SERVER, 'dist');
const MAIN = 'main.cjs';
/** Where a copy of a build finds the server's dependencies, and nobody looks at it. */
export const COPIES = join(SERVER, 'node_modules');

/** The `dist` directory of this checkout, made anew where a source is younger than it. */
export function ownDist(): string {
  const main = join(DIST, MAIN);
  if (!existsSync(main) || youngestSource() > statSync(main).mtimeMs) makeDist();
  return DIST;
}

/** Copies a `dist` directory to a directory in `COPIES`, so that it stays the same while it is measured. */
export function copyBuild(name: string, dist: string, directory: string): Build {
  if (!existsSync(join(dist, MAIN))) throw new Error(`there is no build in ${dist}: ${MAIN} is missing`);
  cpSync(dist, join(directory, 'dist'), { recursive: true });
  cpSync(join(SERVER, 'package.json'), join(directory, 'package.json'));
  return { name, main: join(directory, 'dist', MAIN) };
}

function youngestSource(): number {
  const sources = readdirSync(join(SERVER, 'src'), { recursive: true, encoding: 'utf8' });
  const names = ['build.ts', 'package.json', ...sources.map(name => join('src', name))];
  return Math.max(...names.map(name => statSync(join(SERVER, name)).mtimeMs));
}

function makeDist(): void {
  const { status } = spawnSync('npm', ['run', 'build:server', '--silent'], { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('the server could not be built');
}

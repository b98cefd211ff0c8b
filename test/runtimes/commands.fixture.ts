/** Node, and the runtimes that the package in this folder brings: each runs the scenarios and prints the outcomes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('command.js', import.meta.url));
const PACKAGES = new URL('node_modules/', import.meta.url);

/** By `process.arch`: where the packages in this folder have the executable. */
const EXECUTABLES = {
  deno: { x64: '@deno/linux-x64-glibc/deno', arm64: '@deno/linux-arm64-glibc/deno' },
  bun: { x64: '@oven/bun-linux-x64/bin/bun', arm64: '@oven/bun-linux-aarch64/bin/bun' },
} as const satisfies Record<string, Record<string, string>>;

export function runInNode(options: object): Promise<string> {
  return run(process.execPath, [COMMAND, JSON.stringify(options)]);
}

export async function runInDeno(options: object, signal: AbortSignal): Promise<string> {
  const flags = ['--quiet', '--no-config', '--no-lock', '--allow-net=127.0.0.1'];
  return run(await executable('deno'), ['run', ...flags, COMMAND, JSON.stringify(options)], signal);
}

export async function runInBun(options: object, signal: AbortSignal): Promise<string> {
  return run(await executable('bun'), ['run', COMMAND, JSON.stringify(options)], signal);
}

/** One that is absent is an error that says how to get it. */
async function executable(name: keyof typeof EXECUTABLES): Promise<string> {
  const byArchitecture: Readonly<Record<string, string>> = EXECUTABLES[name];
  const path = byArchitecture[process.arch];
  if (process.platform !== 'linux' || path === undefined) {
    throw new Error(`no ${name} for ${process.platform} on ${process.arch}: run these tests on Linux`);
  }
  const file = fileURLToPath(new URL(path, PACKAGES));
  await access(file).catch(() => {
    throw new Error(`${name} is not installed: run npm ci in test/runtimes`);
  });
  return file;
}

/** Standard output of a program that must succeed. */
async function run(file: string, argv: readonly string[], signal?: AbortSignal): Promise<string> {
  const ending = signal && { signal, killSignal: 'SIGKILL' as const };
  const child = spawn(file, argv, { stdio: ['ignore', 'pipe', 'pipe'], ...ending });
  const [[code], stdout, stderr] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
  if (code !== 0) throw new Error(`${file} ended with ${code}: ${stderr}`);
  return stdout;
}

/** For tests: a machine with one Node, the npm that came with it, a shell, and neither Python nor a compiler. */
import { execFile } from 'node:child_process';
import { mkdir, symlink } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

type Environment = Readonly<Record<string, string>>;

export interface Machine {
  /** Holds a PATH to the machine's few programs and a home without settings. */
  readonly environment: Environment;
  /** Runs a program to its end and answers its standard output; rejects where it fails. */
  run(directory: string, program: string, ...argv: string[]): Promise<string>;
}

/** Puts a machine together in `machine` and `home` of an empty directory; versions are npm's version ranges. */
export async function setUpMachine(directory: string, versions: { node: string; npm: string }): Promise<Machine> {
  const node = `node-${process.platform}-${process.arch}@${versions.node}`;
  const [tools, home] = [join(directory, 'machine'), join(directory, 'home')];
  const bin = join(tools, 'bin');
  await mkdir(bin, { recursive: true });
  await mkdir(home);
  const checkout = { PATH: process.env['PATH'] ?? '', HOME: home, ...registryAccess() };
  await run(tools, checkout, 'npm', 'install', '--prefix', tools, node, `npm@${versions.npm}`);
  for (const program of ['sh', 'env', 'uname']) {
    const path = await run(directory, checkout, 'sh', '-c', `command -v ${program}`);
    await symlink(path.trim(), join(bin, program));
  }
  const path = [join(tools, 'node_modules/.bin'), bin].join(delimiter);
  const environment = { PATH: path, HOME: home, ...registryAccess() };
  return { environment, run: (cwd, program, ...argv) => run(cwd, environment, program, ...argv) };
}

/** What leads to the package registry from here, where npm or the environment has something special: no other setting. */
function registryAccess(): Environment {
  const ACCESS =
    /^(npm_config_(registry|cache|cafile|proxy|https_proxy|noproxy)|https?_proxy|no_proxy|node_extra_ca_certs)$/i;
  const entries = Object.entries(process.env).filter(([name]) => ACCESS.test(name));
  return Object.fromEntries(entries.map(([name, value = '']) => [name, value]));
}

async function run(cwd: string, env: Environment, program: string, ...argv: string[]): Promise<string> {
  return (await execute(program, argv, { cwd, env })).stdout;
}

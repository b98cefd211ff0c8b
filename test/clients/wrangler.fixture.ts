/** The real wrangler, each call a process of its own in a directory of its own, knowing nothing but the server. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, expect } from 'vitest';
import { ACCOUNT, type Freehold, TOKEN } from './freehold.fixture.ts';

export const WRANGLER = fileURLToPath(new URL('../../node_modules/wrangler/bin/wrangler.js', import.meta.url));

export interface Run {
  readonly code: number | null;
  readonly stdout: Buffer;
  /** Both streams as a user reads them, without colours. */
  readonly shown: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** One directory with files for wrangler to read, and its home, for all tests of a file. */
export function useWrangler(freehold: Freehold): Wrangler {
  const wrangler = new Wrangler(freehold);
  beforeAll(() => wrangler.open());
  afterAll(() => wrangler.close());
  return wrangler;
}

export class Wrangler {
  directory = '';
  readonly #freehold: Freehold;

  constructor(freehold: Freehold) {
    this.#freehold = freehold;
  }

  async open(): Promise<void> {
    this.directory = await mkdtemp(join(tmpdir(), 'freehold-wrangler-'));
  }

  async close(): Promise<void> {
    await rm(this.directory, { recursive: true });
  }

  /** Answers the name to call it by on the command line. */
  async file(name: string, content: string | Uint8Array): Promise<string> {
    await writeFile(join(this.directory, name), content);
    return name;
  }

  async jsonFile(name: string, content: unknown): Promise<string> {
    return await this.file(name, JSON.stringify(content));
  }

  /** What a shell has in its environment when a user has followed the documentation. */
  environment(): Record<string, string> {
    return {
      PATH: process.env['PATH'] ?? '',
      HOME: this.directory,
      CLOUDFLARE_API_BASE_URL: `${this.#freehold.url}/client/v4`,
      CLOUDFLARE_API_TOKEN: TOKEN,
      CLOUDFLARE_ACCOUNT_ID: ACCOUNT,
      WRANGLER_SEND_METRICS: 'false',
      WRANGLER_HIDE_BANNER: 'true',
      CI: '1',
    };
  }

  /** `undefined` takes a variable out of the environment. */
  async run(argv: readonly string[], changes: Environment = {}): Promise<Run> {
    const env = { ...this.environment(), ...changes };
    const child = spawn(process.execPath, [WRANGLER, ...argv], { cwd: this.directory, env });
    child.stdin.end();
    const [[code], stdout, stderr] = await Promise.all([
      once(child, 'close'),
      buffer(child.stdout),
      text(child.stderr),
    ]);
    return { code, stdout, shown: stripVTControlCharacters(`${stdout}${stderr}`) };
  }

  /** Standard output of a command that must succeed. */
  async output(...argv: string[]): Promise<string> {
    return String(await this.bytes(...argv));
  }

  async bytes(...argv: string[]): Promise<Buffer> {
    const { code, stdout, shown } = await this.run(argv);
    expect(code, shown).toBe(0);
    return stdout;
  }

  /** What a command that must fail shows. */
  async failure(argv: readonly string[], changes: Environment = {}): Promise<string> {
    const { code, shown } = await this.run(argv, changes);
    expect(code, shown).toBe(1);
    return shown;
  }
}

/** The flags that make a key or bulk command act on a namespace of the server. */
export function on(namespace: string): string[] {
  return ['--remote', '--namespace-id', namespace];
}

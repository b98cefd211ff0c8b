/** The servers that `freehold login` has made known, each under a name, in a file that only its owner may read. */
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OperatorError } from '../operator-error.ts';
import { parseServerUrl } from '../option-values.ts';
import { syncDirectory } from '../sync-directory.ts';
import { membersOf } from './api-answer.ts';

export interface Profile {
  /** As `parseServerUrl` gives it. */
  readonly url: string;
  readonly token: string;
  /** The path of a file with certificates in PEM. */
  readonly caFile?: string;
}

export type Profiles = ReadonlyMap<string, Profile>;

/** None where there is no such file. Throws an `OperatorError` where others may read it, or it is not as it should be. */
export async function readProfiles(path: string): Promise<Profiles> {
  const text = await readPrivateFile(path);
  if (text === undefined) return new Map();
  const profiles = parseProfiles(text);
  if (profiles === undefined) {
    throw new OperatorError(`${path} does not hold profiles: remove it, and make them again with freehold login URL`);
  }
  return profiles;
}

/** Durably, and so that whoever reads it meanwhile gets the old file or the new one. */
export async function writeProfiles(path: string, profiles: Profiles): Promise<void> {
  const directory = dirname(path);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.new`;
  await rm(draft, { force: true });
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify({ profiles: Object.fromEntries(profiles) }, undefined, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  await syncDirectory(directory);
}

const OTHERS = 0o077;

async function readPrivateFile(path: string): Promise<string | undefined> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    // On Windows a mode says nothing.
    const { mode } = await file.stat();
    if (mode & OTHERS && process.platform !== 'win32') {
      throw new OperatorError(`others may read ${path}, and it holds tokens: chmod 600 ${path}, or revoke them`);
    }
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

function parseProfiles(text: string): Profiles | undefined {
  const { profiles } = membersOf(parseJson(text));
  const rows = Object.entries(membersOf(profiles)).map(([name, row]) => [name, shapeProfile(row)] as const);
  const shaped = rows.flatMap(([name, profile]): [string, Profile][] => (profile ? [[name, profile]] : []));
  return profiles !== undefined && shaped.length === rows.length ? new Map(shaped) : undefined;
}

function shapeProfile(row: unknown): Profile | undefined {
  const { url: text, token, caFile } = membersOf(row);
  const url = typeof text === 'string' ? parseServerUrl(text) : undefined;
  if (url === undefined || typeof token !== 'string') return undefined;
  if (caFile === undefined) return { url, token };
  return typeof caFile === 'string' ? { url, token, caFile } : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

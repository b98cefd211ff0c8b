/** Finds the server that a command speaks to, and what it takes to speak to it. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { askServer } from '../admin/client.ts';
import type { Command } from '../commands.ts';
import { readGivenToken } from '../config/given-token.ts';
import type { RemoteConfig, ServerChoice } from '../config/remote.ts';
import { reachableUrl } from '../connect/url.ts';
import { isoTime } from '../kv/times.ts';
import { OperatorError, usageError } from '../operator-error.ts';
import { parseServerUrl } from '../option-values.ts';
import { systemClock } from '../system-clock.ts';
import { ApiClient } from './api-client.ts';
import { type Profile, readProfiles } from './profiles.ts';

export interface Use {
  /** Whether nothing is changed. */
  readonly readOnly: boolean;
  readonly signal: AbortSignal;
}

/**
 * Gives `act` a client of the server. With one that runs on the data directory, the token is made for this command
 * alone, and revoked when it ends. Throws an `OperatorError` where there is no server.
 */
export async function withServer<Result>(
  config: RemoteConfig,
  { readOnly, signal }: Use,
  act: (api: ApiClient) => Promise<Result>,
): Promise<Result> {
  const { url, token, caFile, revoke } = await findServer(config, readOnly);
  let revoked: Promise<void> | undefined;
  const end = () => {
    revoked ??= revoke?.();
    return revoked;
  };
  // What is written to a pipe that nobody reads holds up `act` for as long.
  signal.addEventListener('abort', end);
  try {
    const ca = await readCa(config.caFile ?? caFile, config.command);
    const api = new ApiClient({ url, token, ca, signal });
    return await act(api).finally(() => api.close());
  } finally {
    signal.removeEventListener('abort', end);
    await end();
  }
}

interface FoundServer {
  readonly url: string;
  readonly token?: string | undefined;
  readonly caFile?: string;
  revoke?(): Promise<void>;
}

async function findServer({ server, command, profilesFile }: RemoteConfig, readOnly: boolean): Promise<FoundServer> {
  switch (server.by) {
    case 'url':
      return { url: server.url, token: server.token && (await readGivenToken(server.token, command)) };
    case 'profile':
      return findProfile(profilesFile, server.profile);
    case 'data':
      return findByData(server, { command, profilesFile, readOnly });
  }
}

async function findProfile(path: string, name: string): Promise<Profile> {
  const profiles = await readProfiles(path);
  const profile = profiles.get(name);
  if (profile !== undefined) return profile;
  const known = profiles.size === 0 ? 'there are none' : `there are ${[...profiles.keys()].join(', ')}`;
  throw new OperatorError(`there is no profile ${name} in ${path}, ${known}: freehold login URL makes one`);
}

interface Asked {
  readonly command: Command;
  readonly profilesFile: string;
  readonly readOnly: boolean;
}

async function findByData(
  { dataDirectory, profile: name }: Extract<ServerChoice, { by: 'data' }>,
  { command, profilesFile, readOnly }: Asked,
): Promise<FoundServer> {
  const directory = resolve(dataDirectory);
  const profile = name === undefined ? undefined : (await readProfiles(profilesFile)).get(name);
  const status = await askServer(directory, 'GET /status').catch(error => {
    // A server of another user's is none where it was not asked for.
    if (profile === undefined) throw error;
  });
  if (status !== undefined) return admitted(directory, localUrl(status.urls), { command, readOnly });
  if (profile !== undefined) return profile;
  const others = name === undefined ? 'name another with --server or --profile' : 'name one with freehold login URL';
  throw new OperatorError(`no server runs on ${directory}: start it with freehold serve, or ${others}`);
}

/** A socket first: it needs no TLS, whose certificate is rarely for an address of this machine. */
function localUrl(urls: readonly string[]): string {
  const [first] = urls.toSorted((a, b) => Number(b.startsWith('unix:')) - Number(a.startsWith('unix:')));
  const url = first && parseServerUrl(reachableUrl(first));
  if (url === undefined) throw new OperatorError('the server is only starting: try again');
  return url;
}

/** Should it not be revoked, because the machine fails or the server stops: a day. */
const TOKEN_SECONDS = 86_400;

async function admitted(
  directory: string,
  url: string,
  { command, readOnly }: Pick<Asked, 'command' | 'readOnly'>,
): Promise<FoundServer> {
  const expiry = isoTime(systemClock() + TOKEN_SECONDS);
  const grant = { name: `freehold ${command}`, read_only: readOnly, expires_on: expiry };
  const made = await askServer(directory, 'POST /token/create', { grant });
  if (made === undefined) throw new OperatorError(`the server on ${directory} has just stopped`);
  const { token, listed } = made;
  const revoke = async () => {
    // What was to be done is done; a token that cannot be revoked expires.
    await askServer(directory, 'POST /token/revoke', { token: listed.id }).catch(() => {});
  };
  return { url, token, revoke };
}

/** Throws an `OperatorError` where there is no such file. */
export async function readCa(file: string | undefined, command: Command): Promise<string | undefined> {
  if (file === undefined) return undefined;
  return await readFile(file, 'utf8').catch(error => {
    throw usageError(`the file with certificates: ${(error as Error).message}`, command, error);
  });
}

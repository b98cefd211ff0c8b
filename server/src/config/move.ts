/** What `freehold pull` and `freehold push` are told. */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { usageError } from '../operator-error.ts';
import { readNamespaces } from './export.ts';
import { type RemoteConfig, remoteConfig } from './remote.ts';
import { given, read, readOrDefault, type Settings } from './settings.ts';

export interface MoveConfig {
  /** The Freehold server at the one end. */
  readonly remote: RemoteConfig;
  /** Its account, where that is not the one at the other end. */
  readonly account?: string;
  /** At the other end, Cloudflare or what speaks like it. */
  readonly cloudflare: CloudflareAccount;
  /** Their ids or titles. */
  readonly namespaces: readonly string[] | 'all';
  /** Whether namespaces are made where there are none. */
  readonly create: boolean;
  /** Whether it is only told what would be done. */
  readonly dryRun: boolean;
  /** Whether what an earlier run has come to is forgotten. */
  readonly restart: boolean;
  readonly json: boolean;
  /** Where it is kept how far a run has come. */
  readonly stateDirectory: string;
}

interface CloudflareAccount {
  readonly id: string;
  /** As `ApiClient` has it, without the path that all of the REST API has. */
  readonly url: string;
  readonly token: string;
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function moveConfig(settings: Settings): MoveConfig {
  return {
    namespaces: readNamespaces(settings),
    remote: remoteConfig(settings),
    ...given(settings, 'account'),
    cloudflare: readCloudflare(settings),
    create: readOrDefault(settings, 'create'),
    dryRun: readOrDefault(settings, 'dryRun'),
    restart: readOrDefault(settings, 'restart'),
    json: readOrDefault(settings, 'json'),
    stateDirectory: stateDirectory(settings),
  };
}

function readCloudflare(settings: Settings): CloudflareAccount {
  const id = read(settings, 'cloudflareAccount')?.value;
  const token = read(settings, 'cloudflareToken')?.value;
  if (id === undefined) throw usageError(`${settings.command} needs --cloudflare-account`, settings.command);
  if (token === undefined) throw usageError(`${settings.command} needs CLOUDFLARE_API_TOKEN`, settings.command);
  return { id, token, url: readOrDefault(settings, 'cloudflareUrl').replace(/\/client\/v4$/, '') };
}

/** Where the XDG base directories say that it belongs. */
function stateDirectory({ environment }: Settings): string {
  const { XDG_STATE_HOME: base = '' } = environment;
  return join(isAbsolute(base) ? base : join(homedir(), '.local', 'state'), 'freehold');
}

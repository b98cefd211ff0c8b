/** Which server a command speaks to. */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Command } from '../commands.ts';
import { usageError } from '../operator-error.ts';
import type { OptionName } from '../options.ts';
import { DEFAULT_PROFILE } from '../pair-options.ts';
import { type GivenToken, givenToken } from './given-token.ts';
import { given, read, readOrDefault, type Settings } from './settings.ts';

export interface RemoteConfig {
  readonly command: Command;
  readonly server: ServerChoice;
  /** Where the profiles are kept. */
  readonly profilesFile: string;
  /** Takes the place of the one that a profile has. */
  readonly caFile?: string;
}

export type ServerChoice =
  | { readonly by: 'url'; readonly url: string; readonly token?: GivenToken }
  | { readonly by: 'profile'; readonly profile: string }
  /** The server that runs there; where none does, the profile, if there is one. */
  | { readonly by: 'data'; readonly dataDirectory: string; readonly profile?: string };

/** Throws an `OperatorError` that names the flag or the variable. */
export function remoteConfig(settings: Settings): RemoteConfig {
  return {
    command: settings.command,
    server: readServerChoice(settings),
    profilesFile: profilesFile(settings),
    ...given(settings, 'caFile'),
  };
}

const WAYS = ['server', 'profile', 'dataDirectory'] as const satisfies readonly OptionName[];

/** By what the flags say, and where they say nothing by the environment. */
function readServerChoice(settings: Settings): ServerChoice {
  const [way, rival] = WAYS.flatMap(name => settings.flags.get(name)?.source ?? []);
  if (way !== undefined && rival !== undefined) {
    throw usageError(`${way} and ${rival} name a server each: give one of them`, settings.command);
  }
  const { flags } = settings;
  const byFlag = WAYS.find(name => flags.has(name));
  const by = byFlag ?? WAYS.find(name => name !== 'dataDirectory' && read(settings, name) !== undefined);
  if (by === 'server') return readByUrl(settings);
  const idle = flags.get('tokenFile')?.source;
  if (idle !== undefined) throw usageError(`${idle} belongs to --server, which is not set`, settings.command);
  if (by === 'profile') return { by, profile: read(settings, 'profile')?.value ?? DEFAULT_PROFILE };
  const dataDirectory = readOrDefault(settings, 'dataDirectory');
  return { by: 'data', dataDirectory, ...(by === undefined && { profile: DEFAULT_PROFILE }) };
}

function readByUrl(settings: Settings): ServerChoice {
  const token = givenToken(settings);
  const url = read(settings, 'server')?.value ?? '';
  return { by: 'url', url, ...(token && { token }) };
}

/** Where the XDG base directories say that it belongs. */
export function profilesFile({ environment }: Settings): string {
  const { XDG_CONFIG_HOME: base = '' } = environment;
  return join(isAbsolute(base) ? base : join(homedir(), '.config'), 'freehold', 'profiles.json');
}

/** What `freehold login` and `freehold logout` are told. */
import { usageError } from '../operator-error.ts';
import { OPTIONS } from '../options.ts';
import { DEFAULT_PROFILE } from '../pair-options.ts';
import { shownGiven } from '../shown.ts';
import { type GivenToken, givenToken } from './given-token.ts';
import { profilesFile } from './remote.ts';
import { given, read, type Settings } from './settings.ts';

export interface LogoutConfig {
  readonly profile: string;
  /** Where the profiles are kept. */
  readonly profilesFile: string;
}

export interface LoginConfig extends LogoutConfig {
  readonly url: string;
  /** Where it is absent, it is asked for. */
  readonly token?: GivenToken;
  readonly caFile?: string;
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function logoutConfig(settings: Settings): LogoutConfig {
  return { profile: read(settings, 'profile')?.value ?? DEFAULT_PROFILE, profilesFile: profilesFile(settings) };
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function loginConfig(settings: Settings): LoginConfig {
  const [text = ''] = settings.arguments;
  const url = OPTIONS.server.parse(text);
  if (url === undefined) {
    throw usageError(`the URL must be ${OPTIONS.server.expected}, not ${shownGiven(text)}`, settings.command);
  }
  const token = givenToken(settings);
  return { ...logoutConfig(settings), url, ...(token && { token }), ...given(settings, 'caFile') };
}

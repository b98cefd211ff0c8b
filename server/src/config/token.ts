/** What `freehold token …` is told. */

import { usageError } from '../operator-error.ts';
import type { Expires } from '../option-values.ts';
import { given, read, readOrDefault, type Settings } from './settings.ts';

export interface TokenConfig {
  readonly dataDirectory: string;
}

export interface TokenCreateConfig extends TokenConfig {
  readonly name: string;
  readonly account?: string;
  /** Ids or titles. */
  readonly namespaces?: readonly string[];
  readonly readOnly: boolean;
  readonly expires?: Expires;
  readonly requestsPerSecond?: number;
  readonly bytesPerDay?: number;
}

export interface TokenListConfig extends TokenConfig {
  readonly json: boolean;
}

export interface TokenRevokeConfig extends TokenConfig {
  /** Its id or its name. */
  readonly token: string;
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function tokenConfig(settings: Settings): TokenConfig {
  return { dataDirectory: readOrDefault(settings, 'dataDirectory') };
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function tokenCreateConfig(settings: Settings): TokenCreateConfig {
  const name = read(settings, 'name')?.value;
  if (name === undefined) throw usageError('token create needs --name: what the token is called', settings.command);
  return {
    ...tokenConfig(settings),
    name,
    ...given(settings, 'account'),
    ...given(settings, 'namespaces'),
    readOnly: readOrDefault(settings, 'readOnly'),
    ...given(settings, 'expires'),
    ...given(settings, 'requestsPerSecond'),
    ...given(settings, 'bytesPerDay'),
  };
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function tokenListConfig(settings: Settings): TokenListConfig {
  return { ...tokenConfig(settings), json: readOrDefault(settings, 'json') };
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function tokenRevokeConfig(settings: Settings): TokenRevokeConfig {
  const [token = ''] = settings.arguments;
  return { ...tokenConfig(settings), token };
}

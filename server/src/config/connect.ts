/** What `freehold connect` is told. */

import { usageError } from '../operator-error.ts';
import type { Expires } from '../option-values.ts';
import { type ClientName, OPTIONS } from '../options.ts';
import { given, read, readOrDefault, type Settings } from './settings.ts';

export interface ConnectConfig {
  readonly dataDirectory: string;
  /** Its id or its title. */
  readonly namespace: string;
  readonly client: ClientName;
  readonly account?: string;
  /** Whether the namespace is made where there is none. */
  readonly create: boolean;
  /** Whether the token changes nothing. */
  readonly readOnly: boolean;
  readonly expires?: Expires;
  /** Where clients reach the server, if not where it listens; without a slash at its end, or `unix:` and a path. */
  readonly url?: string;
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function connectConfig(settings: Settings): ConnectConfig {
  const {
    command,
    arguments: [namespace = ''],
  } = settings;
  const client = read(settings, 'client')?.value;
  if (client === undefined) throw usageError(`connect needs --for: ${OPTIONS.client.expected}`, command);
  const account = read(settings, 'account')?.value;
  const url = read(settings, 'url')?.value;
  return {
    dataDirectory: readOrDefault(settings, 'dataDirectory'),
    namespace,
    client,
    ...(account !== undefined && { account }),
    create: readOrDefault(settings, 'create'),
    readOnly: readOrDefault(settings, 'readOnly'),
    ...given(settings, 'expires'),
    ...(url !== undefined && { url }),
  };
}

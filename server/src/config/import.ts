/** What `freehold import` is told. */
import { usageError } from '../operator-error.ts';
import type { OptionValue } from '../options.ts';
import { type RemoteConfig, remoteConfig } from './remote.ts';
import { given, readOrDefault, type Settings } from './settings.ts';

export interface ImportConfig {
  readonly remote: RemoteConfig;
  /** The id or the title of a namespace; or alone, the folder of an export. */
  readonly target: string;
  /** The file of pairs, or a hyphen for standard input; absent where there was one argument. */
  readonly file?: string;
  readonly account?: string;
  /** Whether namespaces are made where there are none. */
  readonly create: boolean;
  readonly onConflict: OptionValue<'onConflict'>;
  /** Where in the file to begin: a line, or the number of a pair in an array. */
  readonly fromLine: number;
  /** Whether the file is only checked. */
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function importConfig(settings: Settings): ImportConfig {
  const [target = '', file] = settings.arguments;
  const config = {
    remote: remoteConfig(settings),
    target,
    ...(file !== undefined && { file }),
    ...given(settings, 'account'),
    create: readOrDefault(settings, 'create'),
    onConflict: readOrDefault(settings, 'onConflict'),
    fromLine: readOrDefault(settings, 'fromLine'),
    dryRun: readOrDefault(settings, 'dryRun'),
    json: readOrDefault(settings, 'json'),
  };
  if (file !== undefined && config.create && config.account === undefined) {
    throw usageError('--create needs --account here: in which account the namespace is made', settings.command);
  }
  return config;
}

/** What `freehold export` is told. */
import { usageError } from '../operator-error.ts';
import type { OptionValue } from '../options.ts';
import { type RemoteConfig, remoteConfig } from './remote.ts';
import { given, read, readOrDefault, type Settings } from './settings.ts';

export interface ExportConfig {
  readonly remote: RemoteConfig;
  /** Their ids or titles. */
  readonly namespaces: readonly string[] | 'all';
  readonly account?: string;
  /** A file, a folder where there are several namespaces, or a hyphen for standard output. */
  readonly to: string;
  readonly format: OptionValue<'format'>;
  readonly prefix?: string;
  /** Conditions on metadata, all of which have to hold. */
  readonly where?: readonly string[];
  /** Whether keys are exported in place of pairs. */
  readonly keys: boolean;
  /** Whether files that are there are replaced. */
  readonly force: boolean;
  readonly json: boolean;
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function exportConfig(settings: Settings): ExportConfig {
  const namespaces = readNamespaces(settings);
  const to = read(settings, 'to')?.value ?? '-';
  const several = namespaces === 'all' || namespaces.length > 1;
  const config = {
    remote: remoteConfig(settings),
    namespaces,
    ...given(settings, 'account'),
    to,
    format: readOrDefault(settings, 'format'),
    ...given(settings, 'prefix'),
    ...given(settings, 'where'),
    keys: readOrDefault(settings, 'keys'),
    force: readOrDefault(settings, 'force'),
    json: readOrDefault(settings, 'json'),
  };
  if (several && to === '-') throw usageError('several namespaces need --to with a folder', settings.command);
  if (several && config.keys) throw usageError('--keys takes one namespace', settings.command);
  if (to === '-' && config.json)
    throw usageError('--json needs --to, as the pairs go to standard output', settings.command);
  return config;
}

/** Those that are named, or all of them. */
export function readNamespaces(settings: Settings): readonly string[] | 'all' {
  const all = readOrDefault(settings, 'all');
  const named = settings.arguments;
  if (all && named.length > 0) throw usageError('--all takes no namespaces beside it', settings.command);
  if (!all && named.length === 0) {
    throw usageError(`${settings.command} needs a NAMESPACE, its id or its title, or --all`, settings.command);
  }
  return all ? 'all' : named;
}

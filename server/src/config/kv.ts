/** What `freehold kv …` is told. */
import { usageError } from '../operator-error.ts';
import type { OptionName, OptionValue } from '../options.ts';
import { type RemoteConfig, remoteConfig } from './remote.ts';
import { given, read, readOrDefault, type Settings } from './settings.ts';

export interface KvConfig {
  readonly remote: RemoteConfig;
  /** Its id or its title. */
  readonly namespace: string;
  readonly account?: string;
}

export interface KvCountConfig extends KvConfig {
  readonly prefix?: string;
  readonly json: boolean;
}

export interface KvListConfig extends KvCountConfig {
  /** Conditions on metadata, all of which have to hold. */
  readonly where?: readonly string[];
  readonly limit?: number;
  /** Whether whole pairs are listed. */
  readonly values: boolean;
}

export interface KvGetConfig extends KvConfig {
  readonly key: string;
  /** Whether the whole pair is printed. */
  readonly keep: boolean;
}

export interface KvPutConfig extends KvConfig {
  readonly key: string;
  /** A text, or the path of a file, `-` for standard input; absent where neither is named. */
  readonly value?: { readonly text: string } | { readonly file: string };
  /** Seconds. */
  readonly ttl?: number;
  /** Seconds since the Unix epoch. */
  readonly expiration?: number;
  /** JSON. */
  readonly metadata?: string;
  /** Whether the metadata and the expiration of the pair stay. */
  readonly keep: boolean;
  readonly json: boolean;
}

export interface KvDeleteConfig extends KvConfig {
  readonly keys: readonly string[];
  /** With more keys, a line each; `-` for standard input. */
  readonly fromFile?: string;
  /** Whether the pairs are printed before they are deleted. */
  readonly keep: boolean;
  readonly json: boolean;
}

export interface KvClearConfig extends KvCountConfig {
  readonly dryRun: boolean;
  /** Whether it is done without asking. */
  readonly yes: boolean;
}

export interface KvCopyConfig extends KvCountConfig {
  /** Its id or its title. */
  readonly to: string;
  readonly toPrefix?: string;
  readonly onConflict: OptionValue<'onConflict'>;
  readonly dryRun: boolean;
}

function kvConfig(settings: Settings): KvConfig {
  const [namespace = ''] = settings.arguments;
  return { remote: remoteConfig(settings), namespace, ...given(settings, 'account') };
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function kvCountConfig(settings: Settings): KvCountConfig {
  return { ...kvConfig(settings), ...given(settings, 'prefix'), json: readOrDefault(settings, 'json') };
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function kvListConfig(settings: Settings): KvListConfig {
  return {
    ...kvCountConfig(settings),
    ...given(settings, 'where'),
    ...given(settings, 'limit'),
    values: readOrDefault(settings, 'values'),
  };
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function kvGetConfig(settings: Settings): KvGetConfig {
  const [, key = ''] = settings.arguments;
  return { ...kvConfig(settings), key, keep: readOrDefault(settings, 'keep') };
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function kvPutConfig(settings: Settings): KvPutConfig {
  const [, key = '', text] = settings.arguments;
  const file = read(settings, 'fromFile');
  if (text !== undefined && file) throw usageError(`${file.source} and a VALUE are both given`, settings.command);
  refuseTogether(settings, ['ttl', 'expiration']);
  for (const name of ['ttl', 'expiration', 'metadata'] as const) refuseTogether(settings, ['keep', name]);
  return {
    ...kvConfig(settings),
    key,
    ...(text !== undefined && { value: { text } }),
    ...(file && { value: { file: file.value } }),
    ...given(settings, 'ttl'),
    ...given(settings, 'expiration'),
    ...given(settings, 'metadata'),
    keep: readOrDefault(settings, 'keep'),
    json: readOrDefault(settings, 'json'),
  };
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function kvDeleteConfig(settings: Settings): KvDeleteConfig {
  const [, ...keys] = settings.arguments;
  const fromFile = given(settings, 'fromFile');
  if (keys.length === 0 && fromFile.fromFile === undefined) {
    throw usageError('kv delete needs a KEY, or --from-file with keys', settings.command);
  }
  refuseTogether(settings, ['keep', 'json']);
  const { keep, json } = { keep: readOrDefault(settings, 'keep'), json: readOrDefault(settings, 'json') };
  return { ...kvConfig(settings), keys, ...fromFile, keep, json };
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function kvClearConfig(settings: Settings): KvClearConfig {
  const config = kvCountConfig(settings);
  const all = readOrDefault(settings, 'all');
  if (all === (config.prefix !== undefined)) {
    throw usageError('kv clear needs either --prefix or --all: which pairs are deleted', settings.command);
  }
  return { ...config, dryRun: readOrDefault(settings, 'dryRun'), yes: readOrDefault(settings, 'yes') };
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function kvCopyConfig(settings: Settings): KvCopyConfig {
  const [, to = ''] = settings.arguments;
  return {
    ...kvCountConfig(settings),
    to,
    ...given(settings, 'toPrefix'),
    onConflict: readOrDefault(settings, 'onConflict'),
    dryRun: readOrDefault(settings, 'dryRun'),
  };
}

function refuseTogether(settings: Settings, names: readonly [OptionName, OptionName]): void {
  const [one, other] = names.map(name => read(settings, name));
  // A switch that is off is as good as none.
  if (!one?.value || !other?.value) return;
  throw usageError(`${one.source} and ${other.source} cannot be set together`, settings.command);
}

/** What `freehold kv …` is told. */
import { type RemoteConfig, remoteConfig } from './remote.ts';
import { given, type Settings } from './settings.ts';

export interface KvConfig {
  readonly remote: RemoteConfig;
  /** Its id or its title. */
  readonly namespace: string;
  readonly account?: string;
}

export interface KvGetConfig extends KvConfig {
  readonly key: string;
}

/** Throws an `OperatorError` that names the flag or the variable. */
function kvConfig(settings: Settings): KvConfig {
  const [namespace = ''] = settings.arguments;
  return { remote: remoteConfig(settings), namespace, ...given(settings, 'account') };
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function kvGetConfig(settings: Settings): KvGetConfig {
  const [, key = ''] = settings.arguments;
  return { ...kvConfig(settings), key };
}

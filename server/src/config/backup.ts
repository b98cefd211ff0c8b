/** What `freehold backup`, `restore` and `verify` are told. */
import { usageError } from '../operator-error.ts';
import { NEVER } from '../option-values.ts';
import { read, readOrDefault, type Settings } from './settings.ts';

export interface BackupConfig {
  readonly dataDirectory: string;
  readonly json: boolean;
  readonly order: BackupOrder;
}

type BackupOrder =
  | { readonly kind: 'once'; readonly file: string }
  /** Under a name of its own in a directory. */
  | { readonly kind: 'named'; readonly to: string }
  | { readonly kind: 'schedule'; readonly everySeconds: number; readonly keep: number; readonly to: string }
  /** No schedule any more. */
  | { readonly kind: 'never' };

export interface RestoreConfig {
  readonly dataDirectory: string;
  readonly file: string;
  readonly json: boolean;
}

export interface VerifyConfig {
  /** Of a backup, or of a data directory. */
  readonly path: string;
  readonly json: boolean;
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function backupConfig(settings: Settings): BackupConfig {
  return {
    dataDirectory: readOrDefault(settings, 'dataDirectory'),
    json: readOrDefault(settings, 'json'),
    order: readOrder(settings),
  };
}

function readOrder(settings: Settings): BackupOrder {
  const {
    command,
    flags,
    arguments: [file],
  } = settings;
  const to = file === undefined || flags.has('backupTo') ? read(settings, 'backupTo') : undefined;
  const every = file === undefined || flags.has('backupEvery') ? read(settings, 'backupEvery') : undefined;
  if (flags.has('backupKeep') && (every === undefined || every.value === NEVER)) {
    throw usageError('--keep is for a schedule: give --every, too', command);
  }
  if (file !== undefined) {
    const rival = to ?? every;
    if (rival !== undefined) throw usageError(`${rival.source} cannot be set beside a FILE`, command);
    return { kind: 'once', file };
  }
  if (every?.value === NEVER) return { kind: 'never' };
  if (to === undefined) throw usageError('backup needs a FILE, or a directory by --to', command);
  if (every === undefined) return { kind: 'named', to: to.value };
  return { kind: 'schedule', everySeconds: every.value, keep: readOrDefault(settings, 'backupKeep'), to: to.value };
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function restoreConfig(settings: Settings): RestoreConfig {
  const [file = ''] = settings.arguments;
  return { dataDirectory: readOrDefault(settings, 'dataDirectory'), file, json: readOrDefault(settings, 'json') };
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function verifyConfig(settings: Settings): VerifyConfig {
  const [path = ''] = settings.arguments;
  return { path, json: readOrDefault(settings, 'json') };
}

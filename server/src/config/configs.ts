/** Every command, with what makes its configuration of what it was given. */
import type { Command } from '../commands.ts';
import { backupConfig, restoreConfig, verifyConfig } from './backup.ts';
import { completionConfig } from './completion.ts';
import { connectConfig } from './connect.ts';
import { doctorConfig } from './doctor.ts';
import { exportConfig } from './export.ts';
import { importConfig } from './import.ts';
import {
  kvClearConfig,
  kvCopyConfig,
  kvCountConfig,
  kvDeleteConfig,
  kvGetConfig,
  kvListConfig,
  kvPutConfig,
} from './kv.ts';
import { loginConfig, logoutConfig } from './login.ts';
import { moveConfig } from './move.ts';
import { serveConfig } from './serve.ts';
import type { Settings } from './settings.ts';
import { tokenConfig, tokenCreateConfig, tokenListConfig, tokenRevokeConfig } from './token.ts';

/** Each throws an `OperatorError` that names the flag or the variable. */
export const CONFIGS = {
  serve: serveConfig,
  connect: connectConfig,
  doctor: doctorConfig,
  backup: backupConfig,
  restore: restoreConfig,
  verify: verifyConfig,
  'token create': tokenCreateConfig,
  'token list': tokenListConfig,
  'token revoke': tokenRevokeConfig,
  'token reset-root': tokenConfig,
  login: loginConfig,
  logout: logoutConfig,
  completion: completionConfig,
  'kv count': kvCountConfig,
  'kv list': kvListConfig,
  'kv get': kvGetConfig,
  'kv put': kvPutConfig,
  'kv delete': kvDeleteConfig,
  'kv clear': kvClearConfig,
  'kv copy': kvCopyConfig,
  'kv move': kvCopyConfig,
  export: exportConfig,
  import: importConfig,
  pull: moveConfig,
  push: moveConfig,
} satisfies Record<Command, (settings: Settings) => unknown>;

export type ConfigOf<Name extends Command> = ReturnType<(typeof CONFIGS)[Name]>;

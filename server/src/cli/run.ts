/** Does what a command line asks for. Sets the exit code: 2 for a wrong command line, 1 for a failure. */

import type { Command } from '../commands.ts';
import type { ConfigOf } from '../config/configs.ts';
import { EngineError } from '../kv/engine.ts';
import { OperatorError } from '../operator-error.ts';
import { OutputClosed, writeResult } from '../standard-output.ts';
import { type Invocation, parseArguments } from './arguments.ts';

export async function run(argv: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> {
  // Where nobody reads what is said, what is being done goes on.
  process.stderr.on('error', () => {});
  try {
    await dispatch(parseArguments(argv, environment));
  } catch (error) {
    if (error instanceof OutputClosed) {
      process.exitCode = error.exitCode;
      return;
    }
    if (!isForeseen(error)) throw error;
    process.stderr.write(`freehold: ${error.message}\n`);
    process.exitCode = error instanceof OperatorError ? error.exitCode : 1;
  }
}

/** Worth a line rather than a stack trace: what the operator can put right, the engine refuses or the system does. */
function isForeseen(error: unknown): error is Error {
  if (error instanceof OperatorError || error instanceof EngineError) return true;
  return error instanceof Error && 'syscall' in error && 'code' in error;
}

async function dispatch(invocation: Invocation): Promise<void> {
  if (invocation.action === 'help') {
    const { helpText } = await import('./help.ts');
    await writeResult(helpText(invocation.topic));
  } else if (invocation.action === 'version') {
    const { version } = await import('../version.ts');
    await writeResult(`${version}\n`);
  } else {
    await act(invocation.action, invocation.config);
  }
}

function act<Name extends Command>(command: Name, config: ConfigOf<Name>): Promise<void> {
  const action: (config: ConfigOf<Name>) => Promise<void> = ACTIONS[command];
  return action(config);
}

/** A command loads nothing but what it needs. */
const ACTIONS: { readonly [Name in Command]: (config: ConfigOf<Name>) => Promise<void> } = {
  serve: async config => (await import('./serve.ts')).serve(config),
  connect: async config => (await import('./connect.ts')).connect(config),
  doctor: async config => (await import('./doctor.ts')).doctor(config),
  backup: async config => (await import('./backup.ts')).backup(config),
  restore: async config => (await import('./restore.ts')).restore(config),
  verify: async config => (await import('./verify.ts')).verify(config),
  'token create': async config => (await import('./token.ts')).create(config),
  'token list': async config => (await import('./token.ts')).list(config),
  'token revoke': async config => (await import('./token.ts')).revoke(config),
  'token reset-root': async config => (await import('./token.ts')).resetRoot(config),
  login: async config => (await import('./login.ts')).login(config),
  logout: async config => (await import('./login.ts')).logout(config),
  completion: async config => (await import('./completion.ts')).completion(config),
  'kv count': async config => (await import('./kv/count.ts')).count(config),
  'kv list': async config => (await import('./kv/list.ts')).list(config),
  'kv get': async config => (await import('./kv/get.ts')).get(config),
  'kv put': async config => (await import('./kv/put.ts')).put(config),
  'kv delete': async config => (await import('./kv/delete.ts')).deleteKeys(config),
  'kv clear': async config => (await import('./kv/clear.ts')).clear(config),
  'kv copy': async config => (await import('./kv/copy.ts')).copy(config, { move: false }),
  'kv move': async config => (await import('./kv/copy.ts')).copy(config, { move: true }),
  export: async config => (await import('./export.ts')).exportPairs(config),
  import: async config => (await import('./import.ts')).importPairs(config),
  pull: async config => (await import('./move.ts')).pull(config),
  push: async config => (await import('./move.ts')).push(config),
};

/** Does what a command line asks for. Sets the exit code: 2 for a wrong command line, 1 for a failure. */
import { EngineError } from '../kv/engine.ts';
import { OperatorError } from '../operator-error.ts';
import { type Invocation, parseArguments } from './arguments.ts';

export async function run(argv: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> {
  try {
    await dispatch(parseArguments(argv, environment));
  } catch (error) {
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
  switch (invocation.action) {
    case 'help': {
      const { helpText } = await import('./help.ts');
      process.stdout.write(helpText(invocation.topic));
      return;
    }
    case 'version': {
      const { version } = await import('../version.ts');
      process.stdout.write(`${version}\n`);
      return;
    }
    case 'serve': {
      const { serve } = await import('./serve.ts');
      return serve(invocation.config);
    }
    case 'connect': {
      const { connect } = await import('./connect.ts');
      return connect(invocation.config);
    }
    case 'doctor': {
      const { doctor } = await import('./doctor.ts');
      return doctor(invocation.config);
    }
    case 'token create': {
      const { create } = await import('./token.ts');
      return create(invocation.config);
    }
    case 'token list': {
      const { list } = await import('./token.ts');
      return list(invocation.config);
    }
    case 'token revoke': {
      const { revoke } = await import('./token.ts');
      return revoke(invocation.config);
    }
    case 'token reset-root': {
      const { resetRoot } = await import('./token.ts');
      return resetRoot(invocation.config);
    }
  }
}

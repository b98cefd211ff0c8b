/** Something that whoever runs the server can put right: told in one line, without a stack trace. */
export class OperatorError extends Error {
  /** 2 where the command line or the environment is wrong, 1 otherwise. */
  readonly exitCode: 1 | 2;

  constructor(message: string, { exitCode = 1, cause }: { exitCode?: 1 | 2; cause?: unknown } = {}) {
    super(oneLine(message), { cause });
    this.name = 'OperatorError';
    this.exitCode = exitCode;
  }
}

/** The error for a wrong command line or environment; `topic` is the command, or what was given of one. */
export function usageError(message: string, topic: string, cause?: unknown): OperatorError {
  const help = ['freehold', topic, '--help'].filter(word => word !== '').join(' ');
  return new OperatorError(`${message} (see ${help})`, { exitCode: 2, cause });
}

function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, ' ');
}

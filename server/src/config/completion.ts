/** What `freehold completion` is told. */
import { SHELLS, type ShellName } from '../commands.ts';
import { usageError } from '../operator-error.ts';
import { shownGiven } from '../shown.ts';
import type { Settings } from './settings.ts';

export interface CompletionConfig {
  readonly shell: ShellName;
}

/** Throws an `OperatorError` that names what is wrong. */
export function completionConfig({ command, arguments: [given] }: Settings): CompletionConfig {
  const shell = SHELLS.find(name => name === given);
  if (shell === undefined) {
    throw usageError(`the SHELL must be one of ${SHELLS.join(', ')}, not ${shownGiven(given ?? '')}`, command);
  }
  return { shell };
}

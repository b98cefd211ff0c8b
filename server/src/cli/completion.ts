/** `freehold completion`: a script by which a shell completes command lines, made from the tables. */

import type { ShellName } from '../commands.ts';
import type { CompletionConfig } from '../config/completion.ts';
import { writeResult } from '../standard-output.ts';
import { bashScript } from './completion/bash.ts';
import { type Completions, completions } from './completion/completions.ts';
import { fishScript } from './completion/fish.ts';
import { zshScript } from './completion/zsh.ts';

const SCRIPTS: { readonly [Name in ShellName]: (completions: Completions) => string } = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

export function completion({ shell }: CompletionConfig): Promise<void> {
  return writeResult(SCRIPTS[shell](completions()));
}

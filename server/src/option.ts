import type { Command } from './commands.ts';

export interface Option<Value> {
  /** With its dashes; absent where only the environment can give the option. */
  readonly flag?: `--${string}`;
  readonly variable: `${'FREEHOLD' | 'CLOUDFLARE'}_${string}`;
  /** What stands for the value in help; absent where the flag is a switch, which has none. */
  readonly placeholder?: string;
  /** As one would write it. */
  readonly default?: string;
  /** What holds where there is no such default. */
  readonly defaultNote?: string;
  /** One sentence. */
  readonly description: string;
  readonly commands: readonly Command[];
  /** Completes "must be …". */
  readonly expected: string;
  /** Whether the flag may be given several times, which is the same as with separators between. */
  readonly repeatable?: boolean;
  /** A comma, unless it says otherwise. */
  readonly separator?: string;
  /** All that it may be. */
  readonly choices?: readonly string[];
  /** Whether error messages keep the value to themselves. */
  readonly secret?: boolean;
  /** The value that a text stands for, or undefined where it is not `expected`. */
  parse(text: string): Value | undefined;
}

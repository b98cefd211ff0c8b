/** What there is to complete, in the order of the tables. */
import { type Argument, COMMANDS, type Command, type CommandRow } from '../../commands.ts';
import type { Option } from '../../option.ts';
import { optionsOf } from '../../options.ts';

export interface Completions {
  /** What may come first. */
  readonly first: readonly Word[];
  /** Those whose name is two words, by the first. */
  readonly groups: ReadonlyMap<string, readonly Word[]>;
  readonly commands: readonly CompletedCommand[];
}

export interface Word {
  readonly word: string;
  readonly summary: string;
}

export interface CompletedCommand {
  /** One word or two. */
  readonly name: string;
  readonly flags: readonly CompletedFlag[];
  readonly arguments: readonly CompletedArgument[];
}

export interface CompletedFlag {
  /** With its dashes. */
  readonly flag: string;
  readonly summary: string;
  /** Absent where it is a switch. */
  readonly value?: { readonly placeholder: string; readonly kind: Kind };
}

export interface CompletedArgument {
  readonly name: string;
  readonly kind: Kind;
  readonly repeatable: boolean;
}

/** What a value is completed by. */
export type Kind = readonly string[] | 'file' | 'directory' | 'text';

export function completions(): Completions {
  const names = Object.keys(COMMANDS) as Command[];
  const groups = new Map<string, Word[]>();
  for (const name of names) {
    const [group = '', word] = name.split(' ');
    if (word === undefined) continue;
    groups.set(group, [...(groups.get(group) ?? []), { word, summary: COMMANDS[name].summary }]);
  }
  const first = names.flatMap((name): Word[] =>
    name.includes(' ') ? [] : [{ word: name, summary: COMMANDS[name].summary }],
  );
  const named = [...groups.keys()].map(word => ({ word, summary: `Commands that begin with ${word}.` }));
  return { first: [...first, ...named], groups, commands: names.map(completed) };
}

function completed(name: Command): CompletedCommand {
  const { arguments: wanted = [] }: CommandRow = COMMANDS[name];
  const flags = optionsOf(name).flatMap(([, option]) => completedFlag(option));
  return { name, flags: [...flags, HELP], arguments: wanted.map(completedArgument) };
}

const HELP: CompletedFlag = { flag: '--help', summary: 'Shows help.' };

function completedFlag({ flag, placeholder, description: summary, choices }: Option<unknown>): CompletedFlag[] {
  if (flag === undefined) return [];
  if (placeholder === undefined) return [{ flag, summary }];
  return [{ flag, summary, value: { placeholder, kind: choices ?? kindOf(placeholder) } }];
}

function completedArgument({ name, choices, repeatable = false }: Argument): CompletedArgument {
  return { name, kind: choices ?? kindOf(name), repeatable };
}

function kindOf(placeholder: string): Kind {
  if (placeholder === 'DIR') return 'directory';
  return placeholder === 'FILE' || placeholder === 'PATH' ? 'file' : 'text';
}

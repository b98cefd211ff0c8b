/** What a command was given, read by the options table: flags beat the environment, which beats the defaults. */

import type { Command } from '../commands.ts';
import { type OperatorError, usageError } from '../operator-error.ts';
import type { Option } from '../option.ts';
import { OPTIONS, type OptionName, type OptionValue } from '../options.ts';
import { shownGiven } from '../shown.ts';

/** A text, and the flag or variable that gave it. */
export interface Setting {
  readonly source: string;
  readonly text: string;
}

export interface Settings {
  readonly command: Command;
  /** What the command was given beside its flags, in the order of its row. */
  readonly arguments: readonly string[];
  readonly flags: ReadonlyMap<OptionName, Setting>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** An option as a member, where it is set. */
export function given<Name extends OptionName>(
  settings: Settings,
  name: Name,
): { readonly [Member in Name]?: OptionValue<Name> } {
  const value = read(settings, name)?.value;
  return (value === undefined ? {} : { [name]: value }) as { readonly [Member in Name]?: OptionValue<Name> };
}

type Defaulted = {
  [Name in OptionName]: (typeof OPTIONS)[Name] extends { readonly default: string } ? Name : never;
}[OptionName];

export function readOrDefault<Name extends Defaulted>(settings: Settings, name: Name): OptionValue<Name> {
  return (read(settings, name) ?? parse(settings.command, name, { source: name, text: OPTIONS[name].default })).value;
}

export interface Given<Name extends OptionName> {
  readonly source: string;
  readonly value: OptionValue<Name>;
}

export function read<Name extends OptionName>(settings: Settings, name: Name): Given<Name> | undefined {
  const { command, flags, environment } = settings;
  const flag = flags.get(name);
  if (flag) return parse(command, name, flag);
  const { variable } = OPTIONS[name];
  const text = environment[variable];
  // An empty variable is what `${NAME:-}` in a compose file leaves where nothing was meant.
  return text === undefined || text === '' ? undefined : parse(command, name, { source: variable, text });
}

function parse<Name extends OptionName>(command: Command, name: Name, setting: Setting): Given<Name> {
  const option: Option<unknown> = OPTIONS[name];
  const value = option.parse(setting.text);
  if (value === undefined) throw notAsExpected(command, name, setting);
  return { source: setting.source, value: value as OptionValue<Name> };
}

/** The error for a text that is not what the option wants. */
export function notAsExpected(command: Command, name: OptionName, { source, text }: Setting): OperatorError {
  const { expected, secret }: Option<unknown> = OPTIONS[name];
  const found = secret ? '' : `, not ${shownGiven(text)}`;
  return usageError(`${source} must be ${expected}${found}`, command);
}

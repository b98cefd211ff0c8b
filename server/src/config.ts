/** Turns settings into a command's configuration: flags beat the environment, which beats the defaults. */
import { type OperatorError, usageError } from './operator-error.ts';
import { type Command, OPTIONS, type Option, type OptionName, type OptionValue } from './options.ts';

/** A text, and the flag or variable that gave it. */
export interface Setting {
  readonly source: string;
  readonly text: string;
}

export interface Settings {
  readonly command: Command;
  readonly flags: ReadonlyMap<OptionName, Setting>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface ServeConfig {
  readonly dataDirectory: string;
  readonly host: string;
  readonly port: number;
  /** The root token that the operator gives, if any. */
  readonly givenToken?: GivenToken;
  readonly logLevel: OptionValue<'logLevel'>;
  readonly logFormat: OptionValue<'logFormat'>;
  readonly diskFreeBytesMin?: number;
}

/** `source` is the flag or variable, to be named where something has to be changed there. */
export type GivenToken = { readonly source: string } & ({ readonly token: string } | { readonly file: string });

export interface TokenConfig {
  readonly dataDirectory: string;
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function serveConfig(settings: Settings): ServeConfig {
  const givenToken = readGivenToken(settings);
  const diskFreeBytesMin = read(settings, 'diskFreeBytesMin')?.value;
  return {
    dataDirectory: readOrDefault(settings, 'dataDirectory'),
    host: readOrDefault(settings, 'host'),
    port: readOrDefault(settings, 'port'),
    ...(givenToken && { givenToken }),
    logLevel: readOrDefault(settings, 'logLevel'),
    logFormat: readOrDefault(settings, 'logFormat'),
    ...(diskFreeBytesMin !== undefined && { diskFreeBytesMin }),
  };
}

/** Throws an `OperatorError` that names the flag or the variable. */
export function tokenConfig(settings: Settings): TokenConfig {
  return { dataDirectory: readOrDefault(settings, 'dataDirectory') };
}

function readGivenToken(settings: Settings): GivenToken | undefined {
  const token = read(settings, 'token');
  const file = read(settings, 'tokenFile');
  if (token && file) {
    const message = `${token.source} and ${file.source} are both set: give the root token by one of them`;
    throw usageError(message, settings.command);
  }
  if (token) return { source: token.source, token: token.value };
  return file && { source: file.source, file: file.value };
}

type Defaulted = {
  [Name in OptionName]: (typeof OPTIONS)[Name] extends { readonly default: string } ? Name : never;
}[OptionName];

function readOrDefault<Name extends Defaulted>(settings: Settings, name: Name): OptionValue<Name> {
  return (read(settings, name) ?? parse(settings.command, name, { source: name, text: OPTIONS[name].default })).value;
}

interface Given<Name extends OptionName> {
  readonly source: string;
  readonly value: OptionValue<Name>;
}

function read<Name extends OptionName>(settings: Settings, name: Name): Given<Name> | undefined {
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
  const found = secret ? '' : `, not ${JSON.stringify(text)}`;
  return usageError(`${source} must be ${expected}${found}`, command);
}

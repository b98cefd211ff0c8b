/** Reads the arguments of the command line: which command, which flags, or what help is asked for. */
import { parseArgs } from 'node:util';
import {
  type ConnectConfig,
  connectConfig,
  type DoctorConfig,
  doctorConfig,
  type ServeConfig,
  type Setting,
  type Settings,
  serveConfig,
  type TokenConfig,
  type TokenCreateConfig,
  type TokenListConfig,
  type TokenRevokeConfig,
  tokenConfig,
  tokenCreateConfig,
  tokenListConfig,
  tokenRevokeConfig,
} from '../config.ts';
import { usageError } from '../operator-error.ts';
import { COMMANDS, type Command, type CommandRow, type OptionName, optionsOf } from '../options.ts';

/** What help is about: a command, a group of commands such as `token`, or, when empty, the whole. */
export type HelpTopic = string;

export type Invocation =
  | { readonly action: 'help'; readonly topic: HelpTopic }
  | { readonly action: 'version' }
  | { readonly action: 'serve'; readonly config: ServeConfig }
  | { readonly action: 'connect'; readonly config: ConnectConfig }
  | { readonly action: 'doctor'; readonly config: DoctorConfig }
  | { readonly action: 'token create'; readonly config: TokenCreateConfig }
  | { readonly action: 'token list'; readonly config: TokenListConfig }
  | { readonly action: 'token revoke'; readonly config: TokenRevokeConfig }
  | { readonly action: 'token reset-root'; readonly config: TokenConfig };

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws an `OperatorError` with exit code 2 that names what is wrong. */
export function parseArguments(argv: readonly string[], environment: Environment): Invocation {
  const { topic, command, rest } = findCommand(argv);
  const words = readWords(rest, command);
  if (words.some(({ name }) => name === 'help')) return { action: 'help', topic };
  if (words.some(({ name }) => name === 'version')) return { action: 'version' };

  if (command === undefined) {
    const [first] = words;
    if (first === undefined) return { action: 'help', topic };
    throw first.kind === 'positional'
      ? usageError(`unknown command ${quote(`${topic} ${first.value}`.trim())}`, topicUnder(topic))
      : usageError(
          `unknown flag ${first.rawName}; flags come after a command, as in freehold serve --port 8481`,
          topic,
        );
  }

  const flags = readFlags(words, command);
  const argument = readArgument(words, command);
  return configured({ command, ...(argument !== undefined && { argument }), flags, environment });
}

function configured(settings: Settings): Invocation {
  const { command } = settings;
  switch (command) {
    case 'serve':
      return { action: command, config: serveConfig(settings) };
    case 'connect':
      return { action: command, config: connectConfig(settings) };
    case 'doctor':
      return { action: command, config: doctorConfig(settings) };
    case 'token create':
      return { action: command, config: tokenCreateConfig(settings) };
    case 'token list':
      return { action: command, config: tokenListConfig(settings) };
    case 'token revoke':
      return { action: command, config: tokenRevokeConfig(settings) };
    case 'token reset-root':
      return { action: command, config: tokenConfig(settings) };
  }
}

function findCommand(argv: readonly string[]): { topic: HelpTopic; command?: Command; rest: readonly string[] } {
  const firstFlag = argv.findIndex(argument => argument.startsWith('-'));
  const leading = firstFlag === -1 ? argv : argv.slice(0, firstFlag);
  for (let count = Math.min(leading.length, 2); count > 0; count--) {
    const topic = leading.slice(0, count).join(' ');
    const rest = argv.slice(count);
    if (isCommand(topic)) return { topic, command: topic, rest };
    if (isGroup(topic)) return { topic, rest };
  }
  return { topic: '', rest: argv };
}

function isCommand(topic: string): topic is Command {
  return Object.hasOwn(COMMANDS, topic);
}

function isGroup(topic: string): boolean {
  return Object.keys(COMMANDS).some(command => command.startsWith(`${topic} `));
}

type Word =
  | { readonly kind: 'positional'; readonly name?: undefined; readonly value: string }
  | { readonly kind: 'flag'; readonly name: string; readonly rawName: string; readonly value?: string | undefined };

/** Not strict, because parseArgs words its own errors in several lines. */
function readWords(argv: readonly string[], command: Command | undefined): Word[] {
  const known = command === undefined ? [] : flagsOf(command).map(({ flag, type }) => [flag, { type }] as const);
  const { tokens } = parseArgs({
    args: [...argv],
    options: {
      ...Object.fromEntries(known),
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean', short: 'v' },
    },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return tokens.flatMap((token): Word[] => {
    if (token.kind === 'positional') return [{ kind: 'positional', value: token.value }];
    if (token.kind !== 'option') return [];
    const { name, rawName, value, inlineValue } = token;
    return [{ kind: 'flag', name, rawName, value: inlineValue || !looksLikeFlag(value) ? value : undefined }];
  });
}

/** A negative number is a value, so that its error can say what the flag wants instead. */
function looksLikeFlag(value: string | undefined): boolean {
  return value !== undefined && /^-(?!\d)/.test(value);
}

interface Flag {
  readonly name: OptionName;
  /** Without its dashes. */
  readonly flag: string;
  /** `boolean` for a switch. */
  readonly type: 'string' | 'boolean';
  readonly repeatable: boolean;
}

function flagsOf(command: Command): Flag[] {
  return optionsOf(command).flatMap(([name, { flag, placeholder, repeatable = false }]): Flag[] => {
    const type = placeholder === undefined ? 'boolean' : 'string';
    return flag === undefined ? [] : [{ name, flag: flag.slice(2), type, repeatable }];
  });
}

function readFlags(words: readonly Word[], command: Command): Map<OptionName, Setting> {
  const flags = new Map<OptionName, Setting>();
  for (const word of words) {
    if (word.kind === 'positional') continue;
    const { rawName } = word;
    const known = flagsOf(command).find(({ flag }) => flag === word.name);
    if (known === undefined) throw usageError(`unknown flag ${rawName}`, command);
    const text = word.value ?? (known.type === 'boolean' ? 'yes' : undefined);
    if (text === undefined) throw usageError(`${rawName} needs a value`, command);
    const before = known.repeatable ? flags.get(known.name)?.text : undefined;
    flags.set(known.name, { source: rawName, text: before === undefined ? text : `${before},${text}` });
  }
  return flags;
}

/** The one positional argument of a command that takes one. */
function readArgument(words: readonly Word[], command: Command): string | undefined {
  const { argument }: CommandRow = COMMANDS[command];
  const given = words.flatMap(word => (word.kind === 'positional' ? [word.value] : []));
  const [unexpected] = given.slice(argument === undefined ? 0 : 1);
  if (unexpected !== undefined) throw usageError(`unexpected argument ${quote(unexpected)}`, command);
  return given[0];
}

function topicUnder(topic: HelpTopic): HelpTopic {
  return isGroup(topic) ? topic : '';
}

/** As JSON text, so that control characters can neither break the line nor reach the terminal. */
function quote(text: string): string {
  return JSON.stringify(text);
}

/** Reads the arguments of the command line: which command, which flags, or what help is asked for. */
import { parseArgs } from 'node:util';
import { type Argument, COMMANDS, type Command, type CommandRow } from '../commands.ts';
import { CONFIGS, type ConfigOf } from '../config/configs.ts';
import type { Setting, Settings } from '../config/settings.ts';
import { usageError } from '../operator-error.ts';
import { type OptionName, optionsOf } from '../options.ts';
import { shown } from '../shown.ts';

/** What help is about: a command, a group of commands such as `token`, or, when empty, the whole. */
export type HelpTopic = string;

export type Invocation =
  | { readonly action: 'help'; readonly topic: HelpTopic }
  | { readonly action: 'version' }
  | CommandInvocation;

/** What to do, and what it takes. */
type CommandInvocation = {
  [Name in Command]: { readonly action: Name; readonly config: ConfigOf<Name> };
}[Command];

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
      ? usageError(`unknown command ${shown(`${topic} ${first.value}`.trim())}`, topicUnder(topic))
      : usageError(
          `unknown flag ${first.rawName}; flags come after a command, as in freehold serve --port 8481`,
          topic,
        );
  }

  const flags = readFlags(words, command);
  return invocationOf({ command, arguments: readArguments(words, command), flags, environment });
}

function invocationOf(settings: Settings): CommandInvocation {
  const { command } = settings;
  // The compiler does not see that both are of the same command.
  return { action: command, config: CONFIGS[command](settings) } as CommandInvocation;
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

/** A negative number is a value, so that its error can say what the flag wants instead; so is a hyphen alone. */
function looksLikeFlag(value: string | undefined): boolean {
  return value !== undefined && /^-(?!\d|$)/.test(value);
}

interface Flag {
  readonly name: OptionName;
  /** Without its dashes. */
  readonly flag: string;
  /** `boolean` for a switch. */
  readonly type: 'string' | 'boolean';
  /** What stands between several; absent where the last one counts. */
  readonly separator?: string;
}

function flagsOf(command: Command): Flag[] {
  return optionsOf(command).flatMap(([name, { flag, placeholder, repeatable, separator = ',' }]): Flag[] => {
    const type = placeholder === undefined ? 'boolean' : 'string';
    return flag === undefined ? [] : [{ name, flag: flag.slice(2), type, ...(repeatable && { separator }) }];
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
    const { separator } = known;
    const before = separator === undefined ? undefined : flags.get(known.name)?.text;
    flags.set(known.name, { source: rawName, text: before === undefined ? text : before + separator + text });
  }
  return flags;
}

/** The positional arguments, as the command's row has them. */
function readArguments(words: readonly Word[], command: Command): readonly string[] {
  const { arguments: wanted = [] }: CommandRow = COMMANDS[command];
  const given = words.flatMap(word => (word.kind === 'positional' ? [word.value] : []));
  const unexpected = wanted.at(-1)?.repeatable ? undefined : given[wanted.length];
  if (unexpected !== undefined) throw usageError(`unexpected argument ${shown(unexpected)}`, command);
  for (const [place, argument] of wanted.entries()) checkArgument(given[place], argument, command);
  return given;
}

function checkArgument(
  given: string | undefined,
  { name, expected, optional, mayBeEmpty }: Argument,
  command: Command,
): void {
  if ((given === '' && !mayBeEmpty) || (given === undefined && !optional)) {
    throw usageError(`${command} needs a ${name}: ${expected}`, command);
  }
}

function topicUnder(topic: HelpTopic): HelpTopic {
  return isGroup(topic) ? topic : '';
}

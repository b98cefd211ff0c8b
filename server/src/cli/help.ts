/** The text of `--help`, made from the tables of commands and options. */
import { type Argument, COMMANDS, type Command, type CommandRow } from '../commands.ts';
import type { Option } from '../option.ts';
import { optionsOf } from '../options.ts';
import type { HelpTopic } from './arguments.ts';

export function helpText(topic: HelpTopic): string {
  return Object.hasOwn(COMMANDS, topic) ? commandHelp(topic as Command) : groupHelp(topic);
}

function commandHelp(command: Command): string {
  const options = optionsOf(command).map(([, option]) => option);
  const flags = options.filter(({ flag }) => flag !== undefined);
  const variables = options.filter(({ flag }) => flag === undefined);
  const { summary, arguments: wanted }: CommandRow = COMMANDS[command];
  return paragraphs(
    summary,
    `Usage: freehold ${words(command, ...placeholders(wanted))} [flags]`,
    section('Flags:', [...flags.map(describe), ...GENERAL_FLAGS]),
    variables.length > 0 && section('Environment only:', variables.map(describe)),
    'Flags beat the environment, which beats the defaults.',
  );
}

function groupHelp(group: HelpTopic): string {
  const prefix = group === '' ? '' : `${group} `;
  const commands = Object.entries(COMMANDS)
    .filter(([name]) => name.startsWith(prefix))
    .map(
      ([name, { summary, arguments: wanted }]: [string, CommandRow]): Row => [
        words(name.slice(prefix.length), ...(group === '' ? [] : placeholders(wanted))),
        summary,
      ],
    );
  return paragraphs(
    group === '' && 'Freehold: Workers KV that you own.',
    `Usage: freehold ${prefix}<command> [flags]`,
    section('Commands:', commands),
    section('Flags:', GENERAL_FLAGS),
    `freehold ${prefix}<command> --help says more about a command.`,
  );
}

function placeholders(wanted: readonly Argument[] = []): string[] {
  return wanted.map(({ name, optional, repeatable }) => {
    const shown = repeatable ? `${name}…` : name;
    return optional ? `[${shown}]` : shown;
  });
}

type Row = readonly [term: string, ...lines: string[]];

const GENERAL_FLAGS: readonly Row[] = [
  ['-h, --help', 'Shows this help.'],
  ['-v, --version', "Shows Freehold's version."],
];

function describe({ flag, variable, placeholder, description, ...option }: Option<unknown>): Row {
  const term = flag === undefined ? variable : words(flag, placeholder);
  const origin = flag === undefined ? '' : `environment ${variable}; `;
  return [term, description, `[${origin}default: ${option.default ?? option.defaultNote}]`];
}

function words(...parts: (string | undefined)[]): string {
  return parts.filter(part => part !== undefined).join(' ');
}

function section(title: string, rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([term]) => term.length)) + 2;
  const lines = rows.flatMap(([term, ...texts]) =>
    texts.map((text, index) => `  ${(index === 0 ? term : '').padEnd(width)}${text}`),
  );
  return [title, ...lines].join('\n');
}

function paragraphs(...texts: (string | false)[]): string {
  return `${texts.filter(text => text !== false).join('\n\n')}\n`;
}

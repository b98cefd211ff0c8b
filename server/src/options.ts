/** Every command and every option in one table each: the parser, `--help` and `docs/configuration.md` follow them. */
import { isIP } from 'node:net';
import { LIMITS } from './kv/limits.ts';

export const COMMANDS = {
  serve: 'Starts the server.',
  'token reset-root': 'Replaces the root token and prints the new one; the old one stops working at once.',
} as const;

export type Command = keyof typeof COMMANDS;

export interface Option<Value> {
  /** With its dashes; absent where only the environment can give the option. */
  readonly flag?: `--${string}`;
  readonly variable: `FREEHOLD_${string}`;
  readonly placeholder: string;
  /** As one would write it. */
  readonly default?: string;
  /** What holds where there is no such default. */
  readonly defaultNote?: string;
  /** One sentence. */
  readonly description: string;
  readonly commands: readonly Command[];
  /** Completes "must be …". */
  readonly expected: string;
  /** Whether error messages keep the value to themselves. */
  readonly secret?: boolean;
  /** The value that a text stands for, or undefined where it is not `expected`. */
  parse(text: string): Value | undefined;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const LOG_FORMATS = ['auto', 'json', 'pretty'] as const;

export const OPTIONS = {
  dataDirectory: {
    flag: '--data',
    variable: 'FREEHOLD_DATA',
    placeholder: 'DIR',
    default: './freehold-data',
    description: 'Directory that holds everything the server keeps.',
    commands: ['serve', 'token reset-root'],
    expected: 'the path of a directory',
    parse: nonEmpty,
  },
  host: {
    flag: '--host',
    variable: 'FREEHOLD_HOST',
    placeholder: 'H',
    default: '127.0.0.1',
    description: 'IP address or host name to listen on; anything but loopback can be reached from other machines.',
    commands: ['serve'],
    expected: 'an IP address or a host name, without a port',
    parse: parseHost,
  },
  port: {
    flag: '--port',
    variable: 'FREEHOLD_PORT',
    placeholder: 'N',
    default: '8480',
    description: 'TCP port to listen on; 0 takes any free one, and the log says which.',
    commands: ['serve'],
    expected: 'a whole number from 0 to 65535',
    parse: parsePort,
  },
  token: {
    variable: 'FREEHOLD_TOKEN',
    placeholder: 'TOKEN',
    defaultNote: 'minted at the first start',
    description: 'The root token itself; there is no flag for it, because flags show in process listings.',
    commands: ['serve'],
    expected: `at least ${LIMITS.rootTokenCharactersMin} characters of printable ASCII without spaces`,
    secret: true,
    parse: parseToken,
  },
  tokenFile: {
    flag: '--token-file',
    variable: 'FREEHOLD_TOKEN_FILE',
    placeholder: 'FILE',
    defaultNote: 'minted at the first start',
    description: 'File that holds the root token.',
    commands: ['serve'],
    expected: 'the path of a file',
    parse: nonEmpty,
  },
  logLevel: {
    flag: '--log-level',
    variable: 'FREEHOLD_LOG_LEVEL',
    placeholder: 'LEVEL',
    default: 'info',
    description: `The least severe level that is logged: ${LOG_LEVELS.join(', ')}.`,
    commands: ['serve'],
    expected: `one of ${LOG_LEVELS.join(', ')}`,
    parse: (text: string) => LOG_LEVELS.find(level => level === text),
  },
  logFormat: {
    flag: '--log-format',
    variable: 'FREEHOLD_LOG_FORMAT',
    placeholder: 'FORMAT',
    default: 'auto',
    description: 'Log lines as json or pretty; auto is pretty on a terminal and json elsewhere.',
    commands: ['serve'],
    expected: `one of ${LOG_FORMATS.join(', ')}`,
    parse: (text: string) => LOG_FORMATS.find(format => format === text),
  },
  diskFreeBytesMin: {
    flag: '--disk-free-min',
    variable: 'FREEHOLD_DISK_FREE_MIN',
    placeholder: 'SIZE',
    defaultNote: 'the smaller of 512 MiB and 5 % of the file system',
    description: 'Free disk space under which writes are refused, in bytes or as 512MiB, 1GiB and the like.',
    commands: ['serve'],
    expected: 'a number of bytes, or a number with KB, MB, GB, TB, KiB, MiB, GiB or TiB',
    parse: parseSize,
  },
} as const satisfies Record<string, Option<unknown>>;

export type OptionName = keyof typeof OPTIONS;
export type OptionValue<Name extends OptionName> = Exclude<ReturnType<(typeof OPTIONS)[Name]['parse']>, undefined>;

/** The options that a command takes, in the order of the table. */
export function optionsOf(command: Command): [OptionName, Option<unknown>][] {
  const entries = Object.entries(OPTIONS) as [OptionName, Option<unknown>][];
  return entries.filter(([, option]) => option.commands.includes(command));
}

function nonEmpty(text: string): string | undefined {
  return text === '' ? undefined : text;
}

const HOST_NAME = /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?$/i;
const BRACKETS = /^\[(.*)\]$/;

function parseHost(text: string): string | undefined {
  const host = text.replace(BRACKETS, '$1');
  return isIP(host) !== 0 || HOST_NAME.test(text) ? host : undefined;
}

function parsePort(text: string): number | undefined {
  const port = Number(text);
  return /^\d{1,5}$/.test(text) && port <= 65_535 ? port : undefined;
}

const PRINTABLE_ASCII = /^[\x21-\x7e]*$/;

function parseToken(text: string): string | undefined {
  return text.length >= LIMITS.rootTokenCharactersMin && PRINTABLE_ASCII.test(text) ? text : undefined;
}

const SIZE = /^(\d+(?:\.\d+)?) ?(?:([kmgt])(i?)b|b)?$/i;
const SIZE_PREFIXES = 'kmgt';

function parseSize(text: string): number | undefined {
  const match = SIZE.exec(text);
  if (match === null) return undefined;
  const [, number, prefix = '', binary] = match;
  const exponent = prefix === '' ? 0 : SIZE_PREFIXES.indexOf(prefix.toLowerCase()) + 1;
  const bytes = Math.round(Number(number) * (binary ? 1024 : 1000) ** exponent);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

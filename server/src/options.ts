/** Every command and every option in one table each: the parser, `--help` and `docs/configuration.md` follow them. */
import { LIMITS } from './kv/limits.ts';
import { normaliseId } from './kv/namespaces.ts';
import { tokenName } from './kv/token-request.ts';
import { parseHost, parseListenAddresses, parsePort } from './listen-address.ts';
import {
  nonEmpty,
  parseCount,
  parseExpires,
  parseInterval,
  parseList,
  parseOrigins,
  parseProfileName,
  parseServerUrl,
  parseSize,
  parseSwitch,
  parseThreads,
  parseToken,
} from './option-values.ts';

export interface CommandRow {
  /** One sentence. */
  readonly summary: string;
  /** What the command takes beside its flags, in this order. */
  readonly arguments?: readonly Argument[];
}

export interface Argument {
  /** In capitals. */
  readonly name: string;
  /** Completes "needs a NAME: …". */
  readonly expected: string;
  /** Those that need not be given come last. */
  readonly optional?: boolean;
  /** Whether it takes all words that are left; only the last may. */
  readonly repeatable?: boolean;
}

const NAMESPACE = { name: 'NAMESPACE', expected: 'its id or its title' } as const satisfies Argument;
const KEY = { name: 'KEY', expected: 'the key of a pair' } as const satisfies Argument;

export const COMMANDS = {
  serve: { summary: 'Starts the server.' },
  connect: {
    summary: 'Prints the configuration that points a client at a namespace, with a new token in it.',
    arguments: [NAMESPACE],
  },
  doctor: {
    summary: 'Checks a data directory, its server and the machine, and says what to do about what is wrong.',
  },
  'token create': { summary: 'Makes a token that is good for what the flags say, and prints it.' },
  'token list': { summary: 'Lists the tokens that were made, with what they are good for and when they were used.' },
  'token revoke': {
    summary: 'Takes a token, named by its id or its name, out of use at once.',
    arguments: [{ name: 'TOKEN', expected: 'its id or its name' }],
  },
  'token reset-root': {
    summary: 'Replaces the root token and prints the new one; the old one stops working at once.',
  },
  backup: {
    summary: 'Backs up the whole database to one file while the server runs, once or by a schedule.',
    arguments: [{ name: 'FILE', expected: 'the path of a file that is not there', optional: true }],
  },
  restore: {
    summary: 'Makes a data directory of a backup, into an empty or a new directory only.',
    arguments: [{ name: 'FILE', expected: 'the path of a backup' }],
  },
  verify: {
    summary: 'Reads a backup or the data directory of a stopped server, and says whether it is whole.',
    arguments: [{ name: 'PATH', expected: 'the path of a backup or of a data directory' }],
  },
  login: {
    summary: 'Keeps the address of a server and a token for it, for other commands to use.',
    arguments: [{ name: 'URL', expected: 'where the server is, such as https://kv.example.com' }],
  },
  logout: { summary: 'Forgets what freehold login has kept; the token itself stays good until it is revoked.' },
  'kv get': {
    summary: 'Prints the value of a key, byte for byte.',
    arguments: [NAMESPACE, KEY],
  },
} as const satisfies Record<string, CommandRow>;

/** Those that speak to a server by its API. */
const REMOTE = ['kv get'] as const satisfies readonly Command[];

export type Command = keyof typeof COMMANDS;

export interface Option<Value> {
  /** With its dashes; absent where only the environment can give the option. */
  readonly flag?: `--${string}`;
  readonly variable: `FREEHOLD_${string}`;
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
  /** Whether the flag may be given several times, which is the same as with commas between. */
  readonly repeatable?: boolean;
  /** Whether error messages keep the value to themselves. */
  readonly secret?: boolean;
  /** The value that a text stands for, or undefined where it is not `expected`. */
  parse(text: string): Value | undefined;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const LOG_FORMATS = ['auto', 'json', 'pretty'] as const;

/** What `freehold connect` writes configuration for. */
export const CLIENTS = ['workerd', 'miniflare', 'wrangler', 'sdk', 'node', 'terraform', 'curl'] as const;

/** The profile that is meant where none is named. */
export const DEFAULT_PROFILE = 'default';

export type ClientName = (typeof CLIENTS)[number];

export const OPTIONS = {
  dataDirectory: {
    flag: '--data',
    variable: 'FREEHOLD_DATA',
    placeholder: 'DIR',
    default: './freehold-data',
    description: 'Directory that holds everything the server keeps.',
    commands: [
      'serve',
      'connect',
      'doctor',
      'backup',
      'restore',
      'token create',
      'token list',
      'token revoke',
      'token reset-root',
      ...REMOTE,
    ],
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
  listen: {
    flag: '--listen',
    variable: 'FREEHOLD_LISTEN',
    placeholder: 'ADDRESSES',
    defaultNote: 'what --host and --port say',
    description: 'Where to listen in place of host and port: host:port, unix:PATH or systemd, commas between.',
    commands: ['serve'],
    expected: 'addresses such as 127.0.0.1:8480, [::1]:8480, unix:/run/freehold.sock or systemd, with commas between',
    parse: parseListenAddresses,
  },
  tlsCertificate: {
    flag: '--tls-cert',
    variable: 'FREEHOLD_TLS_CERT',
    placeholder: 'FILE',
    defaultNote: 'none, and no TLS',
    description: 'File with the certificate for TLS and its chain, in PEM; read again when it changes.',
    commands: ['serve'],
    expected: 'the path of a file',
    parse: nonEmpty,
  },
  tlsKey: {
    flag: '--tls-key',
    variable: 'FREEHOLD_TLS_KEY',
    placeholder: 'FILE',
    defaultNote: 'none, and no TLS',
    description: 'File with the private key of the certificate, in PEM; read again when it changes.',
    commands: ['serve'],
    expected: 'the path of a file',
    parse: nonEmpty,
  },
  threads: {
    flag: '--threads',
    variable: 'FREEHOLD_THREADS',
    placeholder: 'N',
    default: '1',
    description: 'Threads that serve HTTP on the same port; more than one is for machines with cores to spare.',
    commands: ['serve'],
    expected: `a whole number from 1 to ${LIMITS.servingThreads}`,
    parse: parseThreads,
  },
  corsOrigins: {
    flag: '--cors-origin',
    variable: 'FREEHOLD_CORS_ORIGIN',
    placeholder: 'ORIGINS',
    defaultNote: 'none',
    description: 'Origins whose web pages may use the API from a browser, with commas between, or * for any.',
    commands: ['serve'],
    expected: 'origins such as https://app.example.com, without a path and with commas between, or *',
    parse: parseOrigins,
  },
  noAuth: {
    flag: '--no-auth',
    variable: 'FREEHOLD_NO_AUTH',
    default: 'no',
    description: 'Asks nobody for a token; only on loopback and Unix sockets, and never for web pages.',
    commands: ['serve'],
    expected: 'yes or no',
    parse: parseSwitch,
  },
  token: {
    variable: 'FREEHOLD_TOKEN',
    placeholder: 'TOKEN',
    defaultNote: 'none; serve mints one at its first start',
    description: 'The token itself, of serve the root token; it has no flag, because flags show in process listings.',
    commands: ['serve', 'login', ...REMOTE],
    expected: `at least ${LIMITS.rootTokenCharactersMin} characters of printable ASCII without spaces`,
    secret: true,
    parse: parseToken,
  },
  tokenFile: {
    flag: '--token-file',
    variable: 'FREEHOLD_TOKEN_FILE',
    placeholder: 'FILE',
    defaultNote: 'none; serve mints one at its first start',
    description: 'File that holds the token, of serve the root token.',
    commands: ['serve', 'login', ...REMOTE],
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
    defaultNote: 'the lesser of 512 MiB and 5 % of the file system',
    description: 'Free disk space under which writes are refused, in bytes or as 512MiB, 1GiB and the like.',
    commands: ['serve', 'doctor'],
    expected: 'a number of bytes, or a number with KB, MB, GB, TB, KiB, MiB, GiB or TiB',
    parse: parseSize,
  },
  inFlightBytesMax: {
    flag: '--in-flight-max',
    variable: 'FREEHOLD_IN_FLIGHT_MAX',
    placeholder: 'SIZE',
    defaultNote: '256 MiB',
    description: 'Memory for large bodies and answers under way, past which others wait.',
    commands: ['serve'],
    expected: 'a number of bytes, or a number with KB, MB, GB, TB, KiB, MiB, GiB or TiB',
    parse: parseSize,
  },
  client: {
    flag: '--for',
    variable: 'FREEHOLD_FOR',
    placeholder: 'CLIENT',
    defaultNote: 'none, it has to be given',
    description: `The client that is to be configured: ${CLIENTS.join(', ')}.`,
    commands: ['connect'],
    expected: `one of ${CLIENTS.join(', ')}`,
    parse: (text: string) => CLIENTS.find(client => client === text),
  },
  account: {
    flag: '--account',
    variable: 'FREEHOLD_ACCOUNT',
    placeholder: 'ID',
    defaultNote: 'the one that has the namespace, or any',
    description: 'Account that the namespace is in, where several have one, or that the token is good for.',
    commands: ['connect', 'token create', ...REMOTE],
    expected: '32 hexadecimal digits',
    parse: normaliseId,
  },
  create: {
    flag: '--create',
    variable: 'FREEHOLD_CREATE',
    default: 'no',
    description: 'Makes the namespace where there is none.',
    commands: ['connect'],
    expected: 'yes or no',
    parse: parseSwitch,
  },
  readOnly: {
    flag: '--read-only',
    variable: 'FREEHOLD_READ_ONLY',
    default: 'no',
    description: 'Makes a token that can change nothing.',
    commands: ['connect', 'token create'],
    expected: 'yes or no',
    parse: parseSwitch,
  },
  expires: {
    flag: '--expires',
    variable: 'FREEHOLD_EXPIRES',
    placeholder: 'WHEN',
    defaultNote: 'never',
    description: 'When the token expires: after a duration such as 12h or 30d, or at a time in ISO 8601.',
    commands: ['connect', 'token create'],
    expected: 'a duration such as 30m, 12h, 30d or 4w, or a time such as 2030-01-31 or 2030-01-31T12:00:00Z',
    parse: parseExpires,
  },
  name: {
    flag: '--name',
    variable: 'FREEHOLD_NAME',
    placeholder: 'NAME',
    defaultNote: 'none, it has to be given',
    description: 'What the token is called in lists and in the log.',
    commands: ['token create'],
    expected: `1 to ${LIMITS.tokenNameCharacters} characters, none of them a control character`,
    parse: tokenName,
  },
  namespaces: {
    flag: '--namespace',
    variable: 'FREEHOLD_NAMESPACE',
    placeholder: 'NAMESPACES',
    defaultNote: 'all of the account',
    description: 'Namespaces whose pairs alone the token is good for, by id or title, with commas between.',
    commands: ['token create'],
    repeatable: true,
    expected: 'ids or titles of namespaces, with commas between',
    parse: parseList,
  },
  requestsPerSecond: {
    flag: '--requests-per-second',
    variable: 'FREEHOLD_REQUESTS_PER_SECOND',
    placeholder: 'N',
    defaultNote: 'any number',
    description: 'How many requests the token may make in a second.',
    commands: ['token create'],
    expected: 'a whole number from 1',
    parse: parseCount,
  },
  bytesPerDay: {
    flag: '--bytes-per-day',
    variable: 'FREEHOLD_BYTES_PER_DAY',
    placeholder: 'SIZE',
    defaultNote: 'any number',
    description: 'How much the token may send and receive in a day, in bytes or as 512MiB and the like.',
    commands: ['token create'],
    expected: 'a number of bytes from 1, or a number with KB, MB, GB, TB, KiB, MiB, GiB or TiB',
    parse: (text: string) => parseSize(text) || undefined,
  },
  json: {
    flag: '--json',
    variable: 'FREEHOLD_JSON',
    default: 'no',
    description: 'Prints JSON in place of what is for people; as the API has it, where the API has it.',
    commands: ['token list', 'backup', 'restore', 'verify'],
    expected: 'yes or no',
    parse: parseSwitch,
  },
  backupTo: {
    flag: '--to',
    variable: 'FREEHOLD_BACKUP_TO',
    placeholder: 'DIR',
    defaultNote: 'none; FILE says where',
    description: 'Directory for backups that are named after their time, in place of FILE.',
    commands: ['backup'],
    expected: 'the path of a directory',
    parse: nonEmpty,
  },
  backupEvery: {
    flag: '--every',
    variable: 'FREEHOLD_BACKUP_EVERY',
    placeholder: 'INTERVAL',
    defaultNote: 'once, and now',
    description: 'How often the running server is to make a backup from now on, such as 6h or 1d, or never.',
    commands: ['backup'],
    expected: 'a duration of 1m to 365d such as 30m, 6h, 1d or 1w, or never',
    parse: parseInterval,
  },
  backupKeep: {
    flag: '--keep',
    variable: 'FREEHOLD_BACKUP_KEEP',
    placeholder: 'N',
    default: '14',
    description: 'How many backups the schedule keeps in its directory.',
    commands: ['backup'],
    expected: 'a whole number from 1',
    parse: parseCount,
  },
  url: {
    flag: '--url',
    variable: 'FREEHOLD_URL',
    placeholder: 'URL',
    defaultNote: 'where the server listens',
    description: 'Address that clients use where the server listens on another, as behind a proxy.',
    commands: ['connect'],
    expected: 'an http or https URL without a query, or unix: and an absolute path',
    parse: parseServerUrl,
  },
  server: {
    flag: '--server',
    variable: 'FREEHOLD_SERVER',
    placeholder: 'URL',
    defaultNote: 'what --profile and --data say',
    description: 'Server that is spoken to, with the token of FREEHOLD_TOKEN or --token-file.',
    commands: REMOTE,
    expected: 'an http or https URL without a query, or unix: and an absolute path',
    parse: parseServerUrl,
  },
  profile: {
    flag: '--profile',
    variable: 'FREEHOLD_PROFILE',
    placeholder: 'NAME',
    defaultNote: `the server on --data, or else the profile ${DEFAULT_PROFILE}`,
    description: 'Name under which freehold login keeps a server and a token.',
    commands: ['login', 'logout', ...REMOTE],
    expected: '1 to 64 letters, digits, dots, underscores and hyphens',
    parse: parseProfileName,
  },
  caFile: {
    flag: '--ca-file',
    variable: 'FREEHOLD_CA_FILE',
    placeholder: 'FILE',
    defaultNote: 'the certificates that the system trusts',
    description: 'File with the certificates, in PEM, one of which has to vouch for the server.',
    commands: ['login', ...REMOTE],
    expected: 'the path of a file',
    parse: nonEmpty,
  },
} as const satisfies Record<string, Option<unknown>>;

export type OptionName = keyof typeof OPTIONS;
export type OptionValue<Name extends OptionName> = Exclude<ReturnType<(typeof OPTIONS)[Name]['parse']>, undefined>;

/** The options that a command takes, in the order of the table. */
export function optionsOf(command: Command): [OptionName, Option<unknown>][] {
  const entries = Object.entries(OPTIONS) as [OptionName, Option<unknown>][];
  return entries.filter(([, option]) => option.commands.includes(command));
}

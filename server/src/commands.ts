/** Every command in one table: the parser, `--help` and the completion of shells follow it. */

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
  /** Whether it may be a word without characters. */
  readonly mayBeEmpty?: boolean;
  /** All that it may be. */
  readonly choices?: readonly string[];
}

const NAMESPACE = { name: 'NAMESPACE', expected: 'its id or its title' } as const satisfies Argument;
const NAMESPACES = { ...NAMESPACE, optional: true, repeatable: true } as const satisfies Argument;
const KEY = { name: 'KEY', expected: 'the key of a pair' } as const satisfies Argument;
const FROM_TO = [
  { name: 'FROM', expected: 'the id or the title of a namespace' },
  { name: 'TO', expected: 'the id or the title of a namespace' },
] as const satisfies readonly Argument[];

/** What `freehold completion` writes scripts for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export type ShellName = (typeof SHELLS)[number];

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
  completion: {
    summary: 'Prints a script by which a shell completes command lines.',
    arguments: [{ name: 'SHELL', expected: SHELLS.join(', '), choices: SHELLS }],
  },
  'kv count': { summary: 'Counts keys, exactly.', arguments: [NAMESPACE] },
  'kv list': { summary: 'Lists keys, or pairs, as of one instant.', arguments: [NAMESPACE] },
  'kv get': { summary: 'Prints the value of a key, byte for byte.', arguments: [NAMESPACE, KEY] },
  'kv put': {
    summary: 'Writes a pair, with the value of the argument, of a file or of standard input.',
    arguments: [NAMESPACE, KEY, { name: 'VALUE', expected: 'the value', optional: true, mayBeEmpty: true }],
  },
  'kv delete': {
    summary: 'Deletes the pairs of keys, whether or not there are such pairs.',
    arguments: [NAMESPACE, { ...KEY, optional: true, repeatable: true }],
  },
  'kv clear': { summary: 'Deletes all pairs, or those whose keys begin with a prefix.', arguments: [NAMESPACE] },
  'kv copy': { summary: 'Copies pairs into a namespace of the same server, or to other keys.', arguments: FROM_TO },
  'kv move': { summary: 'The same as kv copy, and deletes what was copied where it was.', arguments: FROM_TO },
  export: {
    summary: 'Writes the pairs of a namespace to a file or a pipe, or those of several to a folder.',
    arguments: [NAMESPACES],
  },
  import: {
    summary: 'Writes pairs from a file, a pipe or the folder of an export to namespaces.',
    arguments: [
      { name: 'NAMESPACE', expected: 'its id or its title, or alone the folder of an export' },
      { name: 'FILE', expected: 'the path of a file, or - for a pipe', optional: true },
    ],
  },
  pull: {
    summary: 'Copies namespaces from Cloudflare, or another Freehold, to a Freehold server.',
    arguments: [NAMESPACES],
  },
  push: {
    summary: 'Copies namespaces from a Freehold server to Cloudflare, or another Freehold.',
    arguments: [NAMESPACES],
  },
} as const satisfies Record<string, CommandRow>;

/** Those that speak to a server by its API. */
export const REMOTE = [
  'kv count',
  'kv list',
  'kv get',
  'kv put',
  'kv delete',
  'kv clear',
  'kv copy',
  'kv move',
  'export',
  'import',
  'pull',
  'push',
] as const satisfies readonly Command[];

export type Command = keyof typeof COMMANDS;

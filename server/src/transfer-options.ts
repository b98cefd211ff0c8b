/** The options of commands that move pairs between servers and files. */
import type { Option } from './option.ts';
import { nonEmpty, parseCount, parseSwitch } from './option-values.ts';

const EXPORT_FORMATS = ['jsonl', 'json'] as const;

export const TRANSFER_OPTIONS = {
  to: {
    flag: '--to',
    variable: 'FREEHOLD_TO',
    placeholder: 'PATH',
    default: '-',
    description: 'File that is written, or the folder for several namespaces; - is standard output.',
    commands: ['export'],
    expected: 'the path of a file or a folder, or -',
    parse: nonEmpty,
  },
  format: {
    flag: '--format',
    variable: 'FREEHOLD_FORMAT',
    placeholder: 'FORMAT',
    default: 'jsonl',
    description: 'Pairs as jsonl, a line each, or as json, the array that wrangler kv bulk put takes.',
    commands: ['export'],
    expected: `one of ${EXPORT_FORMATS.join(', ')}`,
    choices: EXPORT_FORMATS,
    parse: (text: string) => EXPORT_FORMATS.find(format => format === text),
  },
  keys: {
    flag: '--keys',
    variable: 'FREEHOLD_KEYS',
    default: 'no',
    description: 'Writes the keys alone.',
    commands: ['export'],
    expected: 'yes or no',
    parse: parseSwitch,
  },
  force: {
    flag: '--force',
    variable: 'FREEHOLD_FORCE',
    default: 'no',
    description: 'Replaces files that are there.',
    commands: ['export'],
    expected: 'yes or no',
    parse: parseSwitch,
  },
  fromLine: {
    flag: '--from-line',
    variable: 'FREEHOLD_FROM_LINE',
    placeholder: 'N',
    default: '1',
    description: 'Line of the file to begin with, or number of the pair where the file is one array.',
    commands: ['import'],
    expected: 'a whole number from 1',
    parse: parseCount,
  },
} as const satisfies Record<string, Option<unknown>>;

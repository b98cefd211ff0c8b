import { shellWord } from '../../connect/quote.ts';
import type { CompletedCommand, CompletedFlag, Completions, Kind } from './completions.ts';

/** For bash from 3.2, as macOS has it. */
export function bashScript({ first, groups, commands }: Completions): string {
  const grouped = [...groups].map(([group, words]) => branch(`${group} `, offer(words.map(({ word }) => word))));
  return `# Completes freehold's command lines in bash: source <(freehold completion bash)
_freehold() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} first='' second=''
  ((COMP_CWORD > 1)) && first=\${COMP_WORDS[1]}
  ((COMP_CWORD > 2)) && second=\${COMP_WORDS[2]}
  COMPREPLY=()
  case "$first $second" in
${[branch(' ', offer([...first.map(({ word }) => word), '--help', '--version'])), ...grouped, ...commands.map(commandBranch)].join('\n')}
  esac
}

_freehold_words() {
  COMPREPLY=($(compgen -W "$1" -- "$current"))
}

_freehold_paths() {
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen "$1" -- "$current"))
}

complete -F _freehold freehold
`;
}

function branch(pattern: string, ...lines: readonly string[]): string {
  return [`    ${shellWord(pattern)})`, ...lines.map(line => `      ${line}`), '      ;;'].join('\n');
}

/** A command of two words leaves them both in place; one of a single word is followed by anything. */
function commandBranch({ name, flags, arguments: wanted }: CompletedCommand): string {
  const pattern = name.includes(' ') ? shellWord(name) : `${shellWord(`${name} `)}*`;
  const words = [...flags.map(({ flag }) => flag), ...wanted.flatMap(({ kind }) => (isWords(kind) ? kind : []))];
  const files = wanted.some(({ kind }) => kind === 'file');
  const rest = files ? `if [[ $current == -* ]]; then ${offer(words)}; else ${offerKind('file')}; fi` : offer(words);
  return [
    `    ${pattern})`,
    '      case "$previous" in',
    ...flags.flatMap(valueBranch),
    `        *) ${rest} ;;`,
    '      esac',
    '      ;;',
  ].join('\n');
}

function valueBranch({ flag, value }: CompletedFlag): string[] {
  return value === undefined ? [] : [`        ${flag}) ${offerKind(value.kind)} ;;`];
}

function offerKind(kind: Kind): string {
  if (isWords(kind)) return offer(kind);
  if (kind === 'text') return ':';
  return `_freehold_paths ${kind === 'directory' ? '-d' : '-f'}`;
}

function offer(words: readonly string[]): string {
  return `_freehold_words ${shellWord(words.join(' '))}`;
}

function isWords(kind: Kind): kind is readonly string[] {
  return typeof kind !== 'string';
}

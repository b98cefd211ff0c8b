import type { CompletedCommand, CompletedFlag, Completions, Kind, Word } from './completions.ts';

export function fishScript({ first, groups, commands }: Completions): string {
  const grouped = [...groups].flatMap(([group, words]) => offer(group, words));
  return `# Completes freehold's command lines in fish: freehold completion fish | source
function __freehold_after
    set -l words (commandline -opc)
    set -e words[1]
    test "$words" = "$argv"
end

function __freehold_in
    set -l words (commandline -opc)
    set -e words[1]
    set -l count (count $argv)
    test (count $words) -ge $count; and test "$words[1..$count]" = "$argv"
end

complete -c freehold -f
${[...offer('', first), ...grouped, ...commands.flatMap(commandLines)].join('\n')}
`;
}

function offer(after: string, words: readonly Word[]): string[] {
  return words.map(
    ({ word, summary }) => `complete -c freehold -n '__freehold_after ${after}' -a ${word} -d ${quoted(summary)}`,
  );
}

function commandLines({ name, flags, arguments: wanted }: CompletedCommand): string[] {
  const condition = `complete -c freehold -n '__freehold_in ${name}'`;
  const kinds = wanted.filter(({ kind }) => kind !== 'text').map(({ kind }) => `${condition} ${actionOf(kind)}`);
  return [...flags.map(flag => `${condition} ${flagWords(flag)}`), ...kinds];
}

function flagWords({ flag, summary, value }: CompletedFlag): string {
  const named = `-l ${flag.slice(2)} -d ${quoted(summary)}`;
  return value === undefined ? named : `${named} -r ${actionOf(value.kind)}`;
}

function actionOf(kind: Kind): string {
  if (typeof kind !== 'string') return `-f -a ${quoted(kind.join(' '))}`;
  if (kind === 'text') return '-f';
  return kind === 'directory' ? "-f -a '(__fish_complete_directories)'" : '-F';
}

/** In fish a quote in quotes is written with a backslash. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

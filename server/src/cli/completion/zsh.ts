import { shellWord } from '../../connect/quote.ts';
import type { CompletedArgument, CompletedCommand, CompletedFlag, Completions, Kind, Word } from './completions.ts';

export function zshScript({ first, groups, commands }: Completions): string {
  const shift = [...groups.keys()].map(
    group => `    ${group})
      if ((CURRENT == 3)); then
        commands=(${described(groups.get(group) ?? [])})
        _describe -t commands command commands
        return
      fi
      command="$words[2] $words[3]"
      shift 2 words
      ((CURRENT -= 2))
      ;;`,
  );
  return `#compdef freehold
# Completes freehold's command lines in zsh: source <(freehold completion zsh), or as _freehold in a folder of $fpath
_freehold() {
  local -a commands
  local command
  if ((CURRENT == 2)); then
    commands=(${described(first)})
    _describe -t commands command commands
    return
  fi
  case $words[2] in
${shift.join('\n')}
    *)
      command=$words[2]
      shift words
      ((CURRENT -= 1))
      ;;
  esac
  case $command in
${commands.map(commandBranch).join('\n')}
  esac
}

if [[ $funcstack[1] == _freehold ]]; then
  _freehold "$@"
else
  compdef _freehold freehold
fi
`;
}

function described(words: readonly Word[]): string {
  return words.map(({ word, summary }) => shellWord(`${word}:${summary}`)).join(' ');
}

function commandBranch({ name, flags, arguments: wanted }: CompletedCommand): string {
  const specifications = [...flags.map(flagSpecification), ...wanted.map(argumentSpecification)];
  return `    ${shellWord(name)})
      _arguments ${specifications.map(shellWord).join(' ')}
      ;;`;
}

function flagSpecification({ flag, summary, value }: CompletedFlag): string {
  const described = `${flag}[${escaped(summary)}]`;
  return value === undefined ? described : `${described}:${value.placeholder}:${actionOf(value.kind)}`;
}

function argumentSpecification({ name, kind, repeatable }: CompletedArgument, place: number): string {
  return `${repeatable ? '*' : place + 1}:${name}:${actionOf(kind)}`;
}

function actionOf(kind: Kind): string {
  if (typeof kind !== 'string') return `(${kind.join(' ')})`;
  if (kind === 'text') return ' ';
  return kind === 'directory' ? '_files -/' : '_files';
}

function escaped(text: string): string {
  return text.replace(/[\\[\]:]/g, '\\$&');
}

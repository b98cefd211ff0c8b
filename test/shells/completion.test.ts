/** The scripts of `freehold completion` in the shells that they are for. */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { freehold, temporaryDirectory } from '../../server/src/cli/process.fixture.ts';
import { COMMANDS, SHELLS, type ShellName } from '../../server/src/commands.ts';

/** In a folder with a file and a folder in it, where the script lies too. */
async function inFolder(shell: ShellName): Promise<{ directory: string; script: string }> {
  const directory = await temporaryDirectory();
  await Promise.all([writeFile(join(directory, 'a file'), ''), mkdir(join(directory, 'a-folder'))]);
  const { code, stdout, stderr } = await freehold(['completion', shell]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const script = join(directory, `.${shell}`);
  await writeFile(script, stdout);
  return { directory, script };
}

async function run(cwd: string, program: string, ...argv: string[]): Promise<string[]> {
  const { stdout } = await promisify(execFile)(program, argv, { cwd, env: { PATH: process.env['PATH'], HOME: cwd } });
  return stdout
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(line => line !== '');
}

type Complete = (line: string) => Promise<string[]>;

const COMPLETE: Record<ShellName, Complete> = {
  bash: async line => {
    const { directory, script } = await inFolder('bash');
    const words = line.split(' ');
    const set = `COMP_WORDS=(${words.map(word => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}`;
    const show = `printf "%s\\n" "\${COMPREPLY[@]}"`;
    return run(directory, 'bash', '--norc', '-c', `source ${script}; ${set}; _freehold; ${show}`);
  },
  zsh: async line => {
    const { directory, script } = await inFolder('zsh');
    const offered = await run(directory, 'zsh', '-f', '-c', zshDriver(script, line));
    // The same is offered several times on the way, with and without quotes, of which people see one.
    return [...new Set(offered.map(word => word.replace(/\\/g, '')))];
  },
  fish: async line => {
    const { directory, script } = await inFolder('fish');
    const lines = await run(directory, 'fish', '--no-config', '-c', `source ${script}; complete -C '${line}'`);
    return lines.map(each => each.split('\t')[0] ?? '');
  },
};

/** Types the line on a terminal of its own, asks what it can become, and prints what is offered. */
function zshDriver(script: string, line: string): string {
  return `
zmodload zsh/zpty
zpty -b shell zsh -f -i
zpty -w shell "PS1=; autoload -Uz compinit; compinit -u -d $HOME/.dump; source ${script}"
zpty -w shell "zstyle ':completion:*' list-grouped false; zstyle ':completion:*' verbose no; LISTMAX=0; unsetopt autolist automenu zle_bracketed_paste"
zpty -w shell "capture() { compstate[insert]=; compadd() { local -a found; builtin compadd -O found \\"\\$@\\"; (( \\$#found )) && print -rl -- \\$found >> $HOME/.found; builtin compadd \\"\\$@\\"; }; _main_complete; unfunction compadd; print end >> $HOME/.found }; zle -C capture list-choices capture; bindkey '^X' capture"
zpty -w shell "print ready > $HOME/.ready"
while [[ ! -e $HOME/.ready ]]; do zselect -t 1 2>/dev/null || sleep 0.01; done
zpty -n -w shell ${JSON.stringify(line)}$'\\C-X'
while ! grep -qx end $HOME/.found 2>/dev/null; do sleep 0.01; done
grep -vx end $HOME/.found
zpty -d shell
`;
}

describe.each(SHELLS)('%s', shell => {
  const complete: Complete = line => COMPLETE[shell](line);

  test('completes the first word by every command and group', async () => {
    const words = new Set(Object.keys(COMMANDS).map(name => name.split(' ')[0]));
    expect(await complete('freehold ')).toEqual(expect.arrayContaining([...words]));
    expect(await complete('freehold com')).toEqual(['completion']);
  });

  test('completes the second word of a group', async () => {
    expect((await complete('freehold kv c')).toSorted()).toEqual(['clear', 'copy', 'count']);
  });

  test('completes the flags of a command, and no others', async () => {
    expect(await complete('freehold kv copy pairs other --on')).toEqual(['--on-conflict']);
    expect(await complete('freehold serve --on')).toEqual([]);
    expect(await complete('freehold serve --thr')).toEqual(['--threads']);
  });

  test('completes what a flag or an argument may be', async () => {
    expect((await complete('freehold kv copy pairs other --on-conflict ')).toSorted()).toEqual([
      'fail',
      'overwrite',
      'skip',
    ]);
    expect((await complete('freehold completion ')).toSorted()).toEqual(
      expect.arrayContaining(['bash', 'fish', 'zsh']),
    );
  });

  test('completes files and directories', async () => {
    expect((await complete('freehold kv get --data a')).map(word => word.replace(/\/$/, ''))).toEqual(['a-folder']);
    const files = await complete('freehold kv get --ca-file a');
    expect(files.map(word => word.replace(/\/$/, '')).toSorted()).toEqual(['a file', 'a-folder']);
  });
});

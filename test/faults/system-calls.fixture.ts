/** What a process asked of the system, as strace has written it down. */
import { readFile } from 'node:fs/promises';

/** Begin and end of a call are numbers of lines: strace writes them in the order in which they happened. */
export interface SystemCall {
  readonly name: string;
  /** Descriptors have the path of their file behind them, in angle brackets. */
  readonly argumentText: string;
  readonly begin: number;
  readonly end: number;
  readonly result: string;
}

/** The arguments of strace for a trace that `readSystemCalls` reads, of a program and all of its threads. */
export function tracing(file: string, calls: readonly string[]): string[] {
  return ['strace', '-f', '--seccomp-bpf', '-y', '-s', '256', '-o', file, '-e', `trace=${calls.join(',')}`];
}

const WHOLE = /^(\d+) +(\w+)\((.*)\) += (.*)$/;
const BEGUN = /^(\d+) +(\w+)\((.*?) *<unfinished \.\.\.>$/;
/** What a call gives back in its arguments, such as the bytes that were read, comes only here. */
const RESUMED = /^(\d+) +<\.\.\. \w+ resumed>(.*)\) += (.*)$/;

/** In the order of their beginnings; those that have not ended are left out. */
export async function readSystemCalls(file: string): Promise<SystemCall[]> {
  const calls: SystemCall[] = [];
  const begun = new Map<string, Omit<SystemCall, 'end' | 'result'>>();
  for (const [number, line] of (await readFile(file, 'utf8')).split('\n').entries()) {
    const [, , name = '', argumentText = '', result = ''] = WHOLE.exec(line) ?? [];
    if (name !== '') calls.push({ name, argumentText, begin: number, end: number, result });
    const [, beginner, begunName = '', begunArguments = ''] = BEGUN.exec(line) ?? [];
    if (beginner !== undefined) {
      begun.set(beginner, { name: begunName, argumentText: begunArguments, begin: number });
    }
    const [, resumer, resumedArguments = '', resumedResult = ''] = RESUMED.exec(line) ?? [];
    const call = begun.get(resumer ?? '');
    if (resumer === undefined || call === undefined) continue;
    begun.delete(resumer);
    calls.push({ ...call, argumentText: call.argumentText + resumedArguments, end: number, result: resumedResult });
  }
  return calls.toSorted((left, right) => left.begin - right.begin);
}

/** What Linux tells about a process. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

export interface Memory {
  /** Resident, in MB. */
  readonly now: number;
  /** The most that was ever resident, in MB. */
  readonly peak: number;
}

export const HAS_PROC = existsSync('/proc/self/status');

export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (field: string): number => {
    const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
    return (Number(kibibytes) * 1_024) / 1e6;
  };
  return { now: megabytes('VmRSS'), peak: megabytes('VmHWM') };
}

/** Whether any thread of a process works, or waits for the disk. */
export function isBusy(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).some(thread => {
    // The second field is the thread's name, which may contain anything.
    const [state = ''] = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8').replace(/^.*\) /s, '');
    return WORKING_OR_WAITING.includes(state);
  });
}

const WORKING_OR_WAITING = ['R', 'D'];

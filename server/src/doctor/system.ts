/** What the system gives a server: file descriptors and the time. */
import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readFilesMax } from '../process-limits.ts';
import { type Finding, ok, problem, skipped, warning } from './finding.ts';
import type { Site } from './site.ts';

/** A connection takes a descriptor, and the server some fifty for itself. */
const FILES_MIN = 256;
/** What many systems give where nobody has set it. */
const FILES_USUAL = 1_024;

export function checkFiles({ server }: Site): Finding {
  const filesMax = server === undefined ? readFilesMax() : server.filesMax;
  if (filesMax === undefined) return skipped('known on Linux only');
  const whose = server === undefined ? 'this shell' : 'the server';
  const text = `${whose} may open ${filesMax} files, and each connection is one`;
  const advice = 'raise it by LimitNOFILE= in the systemd unit, or by ulimit -n';
  if (filesMax < FILES_MIN) return problem(text, advice);
  return filesMax <= FILES_USUAL ? warning(text, advice) : ok(text);
}

/** 2025 and 2100: before the one there was no Freehold. */
const SECONDS_MIN = 1_735_689_600;
const SECONDS_MAX = 4_102_444_800;
const TOLERANCE_SECONDS = 60;

/** Pairs expire by the clock, and a clock set back shows expired ones again. */
export function checkClock({ directory, clock }: Site): Finding {
  const now = clock();
  const advice = 'set the clock, and have NTP keep it';
  if (now < SECONDS_MIN || now > SECONDS_MAX) return problem(`it is said to be ${day(now)}`, advice);
  const latest = Math.max(...readdirSync(directory).map(name => writtenAt(join(directory, name))));
  if (latest > now + TOLERANCE_SECONDS) {
    return problem(
      `a file was written on ${day(latest)}, but it is said to be ${day(now)}: the clock was set back`,
      advice,
    );
  }
  const synchronised = isSynchronised();
  if (synchronised === undefined) return ok(`${day(now)}; whether it is synchronised is not known here`);
  return synchronised ? ok(`${day(now)}, synchronised`) : warning(`${day(now)}, but not synchronised`, advice);
}

/** Seconds since the Unix epoch; 0 for a file that is gone. */
function writtenAt(file: string): number {
  return (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) / 1_000;
}

function day(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().replace(/\.\d+Z$/, 'Z');
}

const TIMEDATECTL_MS = 5_000;

/** Undefined where systemd does not tell. */
function isSynchronised(): boolean | undefined {
  const options: ExecFileSyncOptionsWithStringEncoding = {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: TIMEDATECTL_MS,
  };
  try {
    const told = execFileSync('timedatectl', ['show', '--property=NTPSynchronized', '--value'], options).trim();
    return told === '' ? undefined : told === 'yes';
  } catch {
    return undefined;
  }
}

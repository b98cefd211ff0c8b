/** The engine's side of the process that makes a backup. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BackupOrder, type BackupProgress, type BackupReport, PARTIAL } from './backup.ts';
import { BackupError } from './backup-error.ts';
import { DraftFile } from './backup-file.ts';

/** What the process is told. */
export interface BackupTask {
  readonly order: BackupOrder;
  /** Whether it rests between its steps, for the sake of a server at work. */
  readonly rests: boolean;
}

/** What the process tells. */
export type BackupMessage =
  | { readonly kind: 'progress'; readonly progress: BackupProgress }
  | { readonly kind: 'done'; readonly report: BackupReport }
  | { readonly kind: 'failed'; readonly message: string };

type Outcome = Exclude<BackupMessage, { readonly kind: 'progress' }>;

export interface BackupWatch {
  onProgress(progress: BackupProgress): void;
  /** Ends the backup at once; nothing is left of it. */
  readonly signal: AbortSignal;
}

/** Rejects with a `BackupError`. */
export async function backUp(task: BackupTask, { onProgress, signal }: BackupWatch): Promise<BackupReport> {
  signal.throwIfAborted();
  const child = startProcess();
  const end = () => child.kill('SIGKILL');
  signal.addEventListener('abort', end);
  try {
    const outcome = await outcomeOf(child, task, onProgress);
    if (outcome?.kind === 'done') return outcome.report;
    new DraftFile(task.order.target, PARTIAL).remove();
    signal.throwIfAborted();
    throw new BackupError(outcome?.message ?? 'the process that made the backup has died');
  } finally {
    signal.removeEventListener('abort', end);
  }
}

function startProcess(): ChildProcess {
  // From source as from compiled code.
  const entry = new URL(`./backup-process${extname(import.meta.url)}`, import.meta.url);
  // Not the root token, and not the crash points.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('FREEHOLD_')));
  return fork(fileURLToPath(entry), [], { env, execArgv: [], serialization: 'advanced', stdio: 'ignore' });
}

/** Undefined where the process has ended without telling one. */
async function outcomeOf(
  child: ChildProcess,
  task: BackupTask,
  onProgress: BackupWatch['onProgress'],
): Promise<Outcome | undefined> {
  let outcome: Outcome | undefined;
  child.on('message', (message: BackupMessage) => {
    if (message.kind === 'progress') onProgress(message.progress);
    else outcome = message;
  });
  // Only after both are all messages there, and nothing is open any more.
  const ends = Promise.all([once(child, 'exit'), once(child, 'disconnect')]);
  child.send(task, error => {
    // It has died already, which its end tells, too.
    if (error !== null) child.kill('SIGKILL');
  });
  await ends.catch(error => {
    throw new BackupError(`the backup cannot be begun: ${error.message}`, { cause: error });
  });
  return outcome;
}

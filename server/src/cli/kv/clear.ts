/** `freehold kv clear`: deletes all pairs, or those with a prefix, when it was said twice. */
import { createInterface } from 'node:readline/promises';
import type { KvClearConfig } from '../../config/kv.ts';
import { OperatorError, usageError } from '../../operator-error.ts';
import { pairAmount } from '../../pair-amount.ts';
import { Progress } from '../../progress.ts';
import { freeholdPath } from '../../remote/namespaces.ts';
import { countKeys } from '../../remote/pairs.ts';
import { sweep } from '../../remote/sweep.ts';
import { shown } from '../../shown.ts';
import { writeResult } from '../../standard-output.ts';
import { onNamespace, type Work } from './on-namespace.ts';

export async function clear(config: KvClearConfig): Promise<void> {
  const { prefix, dryRun, json } = config;
  const asks = !config.yes && !dryRun;
  if (asks && !process.stdin.isTTY) {
    throw usageError('kv clear asks before it deletes, and nobody can answer here: give --yes', 'kv clear');
  }
  await onNamespace(config, { readOnly: dryRun }, async work => {
    const { api, namespace } = work;
    const total = await countKeys(api, namespace, prefix);
    const what = `${prefix === undefined ? '' : ` with the prefix ${shown(prefix)}`} of ${shown(namespace.title)}`;
    if (asks) await confirm(work, `Delete ${pairAmount(total)}${what} on ${api.url}?`);
    const pairs = dryRun ? total : await clearPairs(work, prefix, total);
    process.stderr.write(`${dryRun ? 'Would delete' : 'Deleted'} ${pairAmount(pairs)}${what}.\n`);
    if (json) await writeResult(`${JSON.stringify({ pairs })}\n`);
  });
}

/** Throws an `OperatorError` where the answer is not yes. */
async function confirm({ signal }: Work, question: string): Promise<void> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // While it asks, Ctrl-C is a key.
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    const answer = await terminal.question(`${question} [y/N] `, { signal });
    if (!/^y(es)?$/i.test(answer.trim())) throw new OperatorError('nothing was deleted');
  } finally {
    terminal.close();
  }
}

async function clearPairs({ api, namespace }: Work, prefix: string | undefined, total: number): Promise<number> {
  const progress = new Progress({ label: 'deleting', unit: 'pairs' });
  const path = `${freeholdPath(namespace)}/clear`;
  // All pairs are those with the empty prefix, which the server wants to be told.
  const body = { prefix: prefix ?? '' };
  try {
    return (await sweep(api, { path, body }, pairs => progress.report(pairs, total))).pairs;
  } finally {
    progress.stop();
  }
}

/** `freehold kv copy` and `freehold kv move`: pairs to another namespace of the same server, or to other keys. */
import type { KvCopyConfig } from '../../config/kv.ts';
import { pairAmount } from '../../pair-amount.ts';
import { Progress } from '../../progress.ts';
import { findNamespace, freeholdPath } from '../../remote/namespaces.ts';
import { type Swept, sweep } from '../../remote/sweep.ts';
import { shown } from '../../shown.ts';
import { writeResult } from '../../standard-output.ts';
import { onNamespace, type Work } from './on-namespace.ts';

export function copy(config: KvCopyConfig, { move }: { readonly move: boolean }): Promise<void> {
  return onNamespace(config, { readOnly: false }, async work => {
    const { api, namespace } = work;
    const { account, id, title } = await findNamespace(api, config.to, config.account);
    const body = {
      to: { account_id: account, namespace_id: id },
      prefix: config.prefix,
      to_prefix: config.toPrefix,
      on_conflict: config.onConflict,
      move,
      dry_run: config.dryRun,
    };
    const { pairs, more } = await copyPairs(work, body, move ? 'moving' : 'copying');
    const where = `from ${shown(namespace.title)} to ${shown(title)}`;
    process.stderr.write(`${wordFor(move, config.dryRun)} ${pairAmount(pairs)} ${where}${tellMore(more)}.\n`);
    if (config.json) await writeResult(`${JSON.stringify({ pairs, ...more })}\n`);
  });
}

async function copyPairs({ api, namespace }: Work, body: CopyBody, label: string): Promise<Swept> {
  const progress = new Progress({ label, unit: 'pairs' });
  // Made again, one that has succeeded unseen would find its own pairs in the way.
  const once = body.on_conflict === 'fail';
  try {
    return await sweep(api, { path: `${freeholdPath(namespace)}/copy`, body, once }, pairs => progress.report(pairs));
  } finally {
    progress.stop();
  }
}

interface CopyBody {
  readonly on_conflict: KvCopyConfig['onConflict'];
}

function wordFor(move: boolean, dryRun: boolean): string {
  if (dryRun) return move ? 'Would move' : 'Would copy';
  return move ? 'Moved' : 'Copied';
}

/** What else was counted, where there is anything to it. */
function tellMore({ skipped, stayed, instants }: Swept['more']): string {
  const notes = [
    Number(skipped) > 0 && `${pairAmount(Number(skipped))} skipped`,
    Number(stayed) > 0 && `${pairAmount(Number(stayed))} changed meanwhile and left where they were`,
    Number(instants) > 1 && `as of ${instants} instants`,
  ];
  return notes.map(note => (note ? `, ${note}` : '')).join('');
}

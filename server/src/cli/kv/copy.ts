/** `freehold kv copy` and `freehold kv move`: pairs to another namespace of the same server, or to other keys. */
import type { KvCopyConfig } from '../../config/kv.ts';
import { Progress } from '../../progress.ts';
import { findNamespace, freeholdPath } from '../../remote/namespaces.ts';
import { type Swept, sweep } from '../../remote/sweep.ts';
import { shown } from '../../shown.ts';
import { writeResult } from '../../standard-output.ts';
import { amount, onNamespace, type Work } from './on-namespace.ts';

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
    process.stderr.write(`${wordFor(move, config.dryRun)} ${amount(pairs)} ${where}${tellMore(more)}.\n`);
    if (config.json) await writeResult(`${JSON.stringify({ pairs, ...more })}\n`);
  });
}

async function copyPairs({ api, namespace }: Work, body: object, label: string): Promise<Swept> {
  const progress = new Progress({ label, unit: 'pairs' });
  try {
    return await sweep(api, { path: `${freeholdPath(namespace)}/copy`, body }, pairs => progress.report(pairs));
  } finally {
    progress.stop();
  }
}

function wordFor(move: boolean, dryRun: boolean): string {
  if (dryRun) return move ? 'Would move' : 'Would copy';
  return move ? 'Moved' : 'Copied';
}

/** What else was counted, such as pairs that were skipped. */
function tellMore(more: Swept['more']): string {
  return Object.entries(more)
    .map(([name, count]) => `, ${name} ${String(count)}`)
    .join('');
}

/** `freehold kv delete`: pairs whose keys are named or in a file. */
import { createReadStream } from 'node:fs';
import type { KvDeleteConfig } from '../../config/kv.ts';
import { LIMITS } from '../../kv/limits.ts';
import { OperatorError } from '../../operator-error.ts';
import { pairAmount } from '../../pair-amount.ts';
import { linesOf } from '../../remote/lines.ts';
import { namespacePath } from '../../remote/namespaces.ts';
import { exportedPair } from '../../remote/pairs.ts';
import { shown } from '../../shown.ts';
import { writeResult } from '../../standard-output.ts';
import { readKeyLine } from './key-line.ts';
import { onNamespace, type Work } from './on-namespace.ts';

export async function deleteKeys(config: KvDeleteConfig): Promise<void> {
  const keys = [...config.keys, ...(config.fromFile === undefined ? [] : await readKeys(config.fromFile))];
  await onNamespace(config, { readOnly: false }, async work => {
    if (config.keep) {
      await deleteAndPrint(work, keys);
      return;
    }
    await deleteAll(work, keys);
    const count = keys.length;
    process.stderr.write(`Deleted what there was of ${count === 1 ? '1 key' : `${count} keys`}.\n`);
    if (config.json) await writeResult(`${JSON.stringify({ keys: count })}\n`);
  });
}

/** A line each; those without characters are left out. */
async function readKeys(path: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const bytes of linesOf(path === '-' ? process.stdin : createReadStream(path))) {
    const line = bytes.toString().replace(/\r$/, '');
    if (line !== '') keys.push(readKeyLine(line));
  }
  return keys;
}

async function deleteAll({ api, namespace }: Work, keys: readonly string[]): Promise<void> {
  for (let start = 0; start < keys.length; start += LIMITS.bulkDeleteKeys) {
    const some = keys.slice(start, start + LIMITS.bulkDeleteKeys);
    const path = `${namespacePath(namespace)}/bulk/delete`;
    const body = JSON.stringify(some);
    await api.json({ method: 'POST', path, body, contentType: 'application/json' }, () => true);
  }
}

/** Each is printed before it is deleted, so that none is lost that was not. */
async function deleteAndPrint(work: Work, keys: readonly string[]): Promise<void> {
  const missing: string[] = [];
  for (const key of new Set(keys)) {
    const line = await exportedPair(work.api, work.namespace, key);
    if (line === undefined) {
      missing.push(key);
      continue;
    }
    await writeResult(`${line}\n`);
    await deleteAll(work, [key]);
  }
  process.stderr.write(`Deleted ${pairAmount(new Set(keys).size - missing.length)}.\n`);
  if (missing.length > 0) throw new OperatorError(`there was no key ${missing.map(shown).join(', ')}`);
}

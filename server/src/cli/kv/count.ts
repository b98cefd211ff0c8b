/** `freehold kv count`. */
import type { KvCountConfig } from '../../config/kv.ts';
import { countKeys } from '../../remote/pairs.ts';
import { writeResult } from '../../standard-output.ts';
import { onNamespace } from './on-namespace.ts';

export function count(config: KvCountConfig): Promise<void> {
  return onNamespace(config, { readOnly: true }, async ({ api, namespace }) => {
    const count = await countKeys(api, namespace, config.prefix);
    await writeResult(`${config.json ? JSON.stringify({ count }) : count}\n`);
  });
}

/** `freehold kv get`: the value alone, as it is stored, or the whole pair. */
import type { KvGetConfig } from '../../config/kv.ts';
import { ERRORS } from '../../kv/errors.ts';
import { OperatorError } from '../../operator-error.ts';
import { exportedPair } from '../../remote/pairs.ts';
import { RemoteError } from '../../remote/remote-error.ts';
import { shown } from '../../shown.ts';
import { writeResult } from '../../standard-output.ts';
import { onNamespace, valuePath, type Work } from './on-namespace.ts';

export function get(config: KvGetConfig): Promise<void> {
  const { key, keep } = config;
  return onNamespace(config, { readOnly: true }, async work => {
    const found = keep ? await wholePair(work, key) : await value(work, key);
    if (found === undefined) throw new OperatorError(`there is no key ${shown(key)}`);
    await writeResult(found);
  });
}

async function wholePair({ api, namespace }: Work, key: string): Promise<string | undefined> {
  const line = await exportedPair(api, namespace, key);
  return line && `${line}\n`;
}

async function value({ api, namespace }: Work, key: string): Promise<Buffer | undefined> {
  try {
    return (await api.bytes({ method: 'GET', path: valuePath(namespace, key) })).body;
  } catch (error) {
    if (error instanceof RemoteError && error.code === ERRORS.keyNotFound.code) return undefined;
    throw error;
  }
}

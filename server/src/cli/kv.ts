/** `freehold kv …`: what is in a namespace. */
import type { KvConfig, KvGetConfig } from '../config/kv.ts';
import { interruptible } from '../interruption.ts';
import { ERRORS } from '../kv/errors.ts';
import { OperatorError } from '../operator-error.ts';
import type { ApiClient } from '../remote/api-client.ts';
import { findNamespace, namespacePath, type RemoteNamespace } from '../remote/namespaces.ts';
import { RemoteError } from '../remote/remote-error.ts';
import { withServer } from '../remote/server-address.ts';
import { writeResult } from '../standard-output.ts';

/** The value alone, as it is stored. */
export function get(config: KvGetConfig): Promise<void> {
  return onNamespace(config, { readOnly: true }, async (api, namespace) => {
    const path = valuePath(namespace, config.key);
    const { body } = await api.bytes({ method: 'GET', path }).catch(error => {
      throw isMissing(error) ? new OperatorError(`there is no key ${JSON.stringify(config.key)}`) : error;
    });
    await writeResult(body);
  });
}

function onNamespace(
  { remote, namespace, account }: KvConfig,
  { readOnly }: { readonly readOnly: boolean },
  act: (api: ApiClient, namespace: RemoteNamespace) => Promise<void>,
): Promise<void> {
  return interruptible(signal =>
    withServer(remote, { readOnly, signal }, async api => act(api, await findNamespace(api, namespace, account))),
  );
}

function valuePath(namespace: RemoteNamespace, key: string): string {
  return `${namespacePath(namespace)}/values/${encodeURIComponent(key)}`;
}

function isMissing(error: unknown): boolean {
  return error instanceof RemoteError && error.code === ERRORS.keyNotFound.code;
}

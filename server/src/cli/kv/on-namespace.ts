/** What commands on the pairs of a namespace begin and end with. */
import type { KvConfig } from '../../config/kv.ts';
import { interruptible } from '../../interruption.ts';
import type { ApiClient } from '../../remote/api-client.ts';
import { findNamespace, namespacePath, type RemoteNamespace } from '../../remote/namespaces.ts';
import { withServer } from '../../remote/server-address.ts';

export interface Work {
  readonly api: ApiClient;
  readonly namespace: RemoteNamespace;
  readonly signal: AbortSignal;
}

export function onNamespace(
  { remote, namespace, account }: KvConfig,
  { readOnly }: { readonly readOnly: boolean },
  act: (work: Work) => Promise<void>,
): Promise<void> {
  return interruptible(signal =>
    withServer(remote, { readOnly, signal }, async api => {
      await act({ api, namespace: await findNamespace(api, namespace, account), signal });
    }),
  );
}

export function valuePath(namespace: RemoteNamespace, key: string): string {
  return `${namespacePath(namespace)}/values/${encodeURIComponent(key)}`;
}

/** Which namespace a request of a KV binding is for. */
import type { NamespaceAddress } from '../../kv/engine.ts';
import { kvError, shownKey } from '../../kv/errors.ts';
import { normaliseId } from '../../kv/namespaces.ts';
import type { Call } from '../call.ts';
import { BINDING } from './target.ts';

export const BOUND_NAMESPACE = `${BINDING}/:namespace_id`;

/** A binding knows an id and no account, which therefore is looked up unless the request or its token names one. */
export async function boundNamespace(call: Call): Promise<NamespaceAddress> {
  const { scope, request } = call;
  if (call.parameter('namespace_id') === '') throw kvError('boundNamespaceMissing');
  const id = call.namespaceId;
  const named = readAccount(request.headers['freehold-account']) ?? scope.account;
  return call.covered({ account: named ?? (await findAccount(call, id)), id });
}

async function findAccount({ engine }: Call, id: string): Promise<string> {
  const [account, ...others] = await engine.accountsOfNamespace(id);
  if (account === undefined) throw kvError('boundNamespaceNotFound', { id });
  if (others.length > 0) throw kvError('boundNamespaceAmbiguous', { id });
  return account;
}

function readAccount(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const account = normaliseId(String(header));
  if (account === undefined) throw kvError('accountIdMalformed', { id: shownKey(String(header)) });
  return account;
}

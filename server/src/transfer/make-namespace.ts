/** The namespace that pairs go to: the one that is there, or one that is made for them. */
import { OperatorError } from '../operator-error.ts';
import { membersOf } from '../remote/api-answer.ts';
import type { ApiClient } from '../remote/api-client.ts';
import { listNamespaces, type RemoteNamespace } from '../remote/namespaces.ts';
import { shown } from '../shown.ts';

export interface WantedNamespace {
  readonly account: string;
  readonly id: string;
  readonly title: string;
  /** Whether the server takes the id for a namespace that it makes, as Freehold does. */
  readonly takesIds: boolean;
}

/** By its id, else by its title; undefined where the account has neither. Throws a `RemoteError`. */
export async function lookForNamespace(
  api: ApiClient,
  { account, id, title }: WantedNamespace,
): Promise<RemoteNamespace | undefined> {
  const all = await listNamespaces(api, account);
  return all.find(namespace => namespace.id === id) ?? all.find(namespace => namespace.title === title);
}

/** Throws a `RemoteError`. */
async function makeNamespace(
  api: ApiClient,
  { account, id, title, takesIds }: WantedNamespace,
): Promise<RemoteNamespace> {
  const { result } = await api.json(
    {
      method: 'POST',
      path: `/client/v4/accounts/${account}/storage/kv/namespaces`,
      contentType: 'application/json',
      body: JSON.stringify({ title, ...(takesIds && { id }) }),
    },
    row => {
      const made = membersOf(row);
      return typeof made['id'] === 'string' ? { account, id: made['id'], title } : undefined;
    },
  );
  return result;
}

/** Throws an `OperatorError` where it is not there and may not be made. */
export async function ensureNamespace(
  api: ApiClient,
  wanted: WantedNamespace,
  { create }: { readonly create: boolean },
): Promise<RemoteNamespace> {
  const found = await lookForNamespace(api, wanted);
  if (found !== undefined) return found;
  if (create) return makeNamespace(api, wanted);
  throw new OperatorError(
    `account ${wanted.account} on ${api.url} has no namespace ${shown(wanted.title)}: make it by --create`,
  );
}

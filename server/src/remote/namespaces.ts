/** Namespaces on a server, as people name them: by id or by title, with or without their account. */
import { normaliseId } from '../kv/namespaces.ts';
import { OperatorError } from '../operator-error.ts';
import { shown } from '../shown.ts';
import { membersOf } from './api-answer.ts';
import type { ApiClient } from './api-client.ts';
import { RemoteError } from './remote-error.ts';

export interface RemoteNamespace {
  readonly account: string;
  readonly id: string;
  readonly title: string;
}

/** Where Cloudflare's API has it, and Freehold's own, which does more. */
export function namespacePath({ account, id }: Pick<RemoteNamespace, 'account' | 'id'>): string {
  return `${namespacesPath(account)}/${id}`;
}

export function freeholdPath({ account, id }: Pick<RemoteNamespace, 'account' | 'id'>): string {
  return `/freehold/v1/accounts/${account}/namespaces/${id}`;
}

/** By id first; in any account where none is named. Throws an `OperatorError` where there is none, or several. */
export async function findNamespace(api: ApiClient, name: string, account?: string): Promise<RemoteNamespace> {
  const accounts = account === undefined ? await listAccounts(api) : [account];
  const byId = await findById(api, name, accounts);
  const found = byId.length > 0 ? byId : await findByTitle(api, name, accounts);
  const [first, ...others] = found;
  if (first === undefined) {
    const where = account === undefined ? '' : ` in account ${account}`;
    throw new OperatorError(`there is no namespace ${shown(name)}${where} on ${api.url}`);
  }
  if (others.length === 0) return first;
  const homes = found.map(each => each.account).join(', ');
  throw new OperatorError(`several accounts have a namespace ${shown(name)}: say which with --account, of ${homes}`);
}

/** All of the account, or of all accounts, by title within each. Throws a `RemoteError`. */
export async function listNamespaces(api: ApiClient, account?: string): Promise<RemoteNamespace[]> {
  const accounts = account === undefined ? await listAccounts(api) : [account];
  const all: RemoteNamespace[] = [];
  for (const each of accounts) {
    const query = { order: 'title', direction: 'asc' };
    all.push(...(await everyPage(api, namespacesPath(each), query, row => shapeNamespace(row, each))));
  }
  return all;
}

function namespacesPath(account: string): string {
  return `/client/v4/accounts/${account}/storage/kv/namespaces`;
}

function listAccounts(api: ApiClient): Promise<string[]> {
  return everyPage(api, '/client/v4/accounts', {}, row => {
    const { id } = membersOf(row);
    return typeof id === 'string' ? normaliseId(id) : undefined;
  });
}

async function findById(api: ApiClient, name: string, accounts: readonly string[]): Promise<RemoteNamespace[]> {
  const id = normaliseId(name);
  if (id === undefined) return [];
  const found = await Promise.all(accounts.map(account => getNamespace(api, { account, id })));
  return found.filter(each => each !== undefined);
}

async function getNamespace(
  api: ApiClient,
  address: Pick<RemoteNamespace, 'account' | 'id'>,
): Promise<RemoteNamespace | undefined> {
  try {
    const request = { method: 'GET', path: namespacePath(address) } as const;
    return (await api.json(request, row => shapeNamespace(row, address.account))).result;
  } catch (error) {
    if (error instanceof RemoteError && error.status === 404) return undefined;
    throw error;
  }
}

async function findByTitle(api: ApiClient, title: string, accounts: readonly string[]): Promise<RemoteNamespace[]> {
  const found: RemoteNamespace[] = [];
  for (const account of accounts) {
    found.push(...(await listNamespaces(api, account)).filter(namespace => namespace.title === title));
  }
  return found;
}

/** What every server takes, of accounts and of namespaces. */
const ROWS_A_PAGE = 50;

async function everyPage<Row>(
  api: ApiClient,
  path: string,
  query: Readonly<Record<string, string>>,
  shape: (row: unknown) => Row | undefined,
): Promise<Row[]> {
  const all: Row[] = [];
  for (let page = 1; ; page++) {
    const request = { method: 'GET', path, query: { ...query, page, per_page: ROWS_A_PAGE } } as const;
    const { result, info } = await api.json(request, rows => shapeAll(rows, shape));
    all.push(...result);
    const { total_count: total } = info;
    // Some servers give fewer than they were asked for, but none gives an empty page before the last.
    if (result.length === 0 || (typeof total === 'number' && all.length >= total)) return all;
  }
}

function shapeAll<Row>(rows: unknown, shape: (row: unknown) => Row | undefined): Row[] | undefined {
  if (!Array.isArray(rows)) return undefined;
  const shaped = rows.map(shape).filter(row => row !== undefined);
  return shaped.length === rows.length ? shaped : undefined;
}

function shapeNamespace(row: unknown, account: string): RemoteNamespace | undefined {
  const { id, title } = membersOf(row);
  if (typeof id !== 'string' || typeof title !== 'string') return undefined;
  const normal = normaliseId(id);
  return normal === undefined ? undefined : { account, id: normal, title };
}

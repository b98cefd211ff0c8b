/** A namespace as an operator names it: by id or by title, with or without its account. */
import { randomBytes } from 'node:crypto';
import { type Engine, EngineError, type Namespace, type NamespaceAddress } from '../kv/engine.ts';
import { faultText } from '../kv/fault-text.ts';
import { LIMITS } from '../kv/limits.ts';
import { DEFAULT_ACCOUNT_ID, normaliseId, titleFault } from '../kv/namespaces.ts';
import { OperatorError } from '../operator-error.ts';
import { shown } from '../shown.ts';

export interface NamedNamespace {
  /** Id or title; a text that may be either is first taken for an id. */
  readonly name: string;
  /** Undefined where any will do. */
  readonly account: string | undefined;
}

export interface FoundNamespace {
  readonly account: string;
  readonly namespace: Namespace;
}

/** Undefined where there is none. Throws an `OperatorError` where there are several. */
export async function findNamespace(engine: Engine, named: NamedNamespace): Promise<FoundNamespace | undefined> {
  const byId = await findById(engine, named);
  const found = byId.length > 0 ? byId : await findByTitle(engine, named);
  const [first, ...others] = found;
  if (first === undefined || others.length === 0) return first;
  const accounts = found.map(({ account }) => account).join(', ');
  throw new OperatorError(
    `several accounts have a namespace ${shown(named.name)}: say which with --account, of ${accounts}`,
  );
}

async function findById(engine: Engine, { name, account }: NamedNamespace): Promise<FoundNamespace[]> {
  const id = normaliseId(name);
  if (id === undefined) return [];
  const accounts = account === undefined ? await engine.accountsOfNamespace(id) : [account];
  const found = await Promise.all(accounts.map(each => get(engine, { account: each, id })));
  return found.filter(each => each !== undefined);
}

async function get(engine: Engine, address: NamespaceAddress): Promise<FoundNamespace | undefined> {
  try {
    return { account: address.account, namespace: await engine.getNamespace(address) };
  } catch (error) {
    if (isEngineError(error, 'namespaceMissing')) return undefined;
    throw error;
  }
}

async function findByTitle(engine: Engine, { name, account }: NamedNamespace): Promise<FoundNamespace[]> {
  const accounts = account === undefined ? await engine.listAccounts() : [account];
  const found: FoundNamespace[] = [];
  for (const each of accounts) {
    const namespace = await findTitle(engine, each, name);
    if (namespace !== undefined) found.push({ account: each, namespace });
  }
  return found;
}

async function findTitle(engine: Engine, account: string, title: string): Promise<Namespace | undefined> {
  const limit = LIMITS.listNamespacesMax;
  for (let offset = 0; ; offset += limit) {
    const page = { order: 'title', direction: 'asc', offset, limit } as const;
    const { namespaces, total } = await engine.listNamespaces(account, page);
    const found = namespaces.find(namespace => namespace.title === title);
    if (found !== undefined || offset + limit >= total) return found;
  }
}

/** Makes it in the account that is named, else in the only one there is. Throws an `OperatorError` where it cannot. */
export async function createNamespace(engine: Engine, { name, account }: NamedNamespace): Promise<FoundNamespace> {
  const wrong = titleFault(name);
  if (wrong !== undefined) throw new OperatorError(faultText(wrong, 'create namespace'));
  const namespace = { id: normaliseId(name) ?? randomBytes(16).toString('hex'), title: name };
  const home = account ?? (await onlyAccount(engine));
  try {
    await engine.createNamespace(home, namespace, LIMITS.namespacesPerAccount);
  } catch (error) {
    throw refusal(error, home) ?? error;
  }
  return { account: home, namespace };
}

function refusal(error: unknown, account: string): OperatorError | undefined {
  if (isEngineError(error, 'accountFull')) {
    return new OperatorError(`account ${account} has ${LIMITS.namespacesPerAccount} namespaces, and may not have more`);
  }
  const late = isEngineError(error, 'titleTaken') || isEngineError(error, 'idTaken');
  return late ? new OperatorError('it has been made at this moment by somebody else: try again') : undefined;
}

async function onlyAccount(engine: Engine): Promise<string> {
  const [only = DEFAULT_ACCOUNT_ID, ...others] = await engine.listAccounts();
  if (others.length === 0) return only;
  throw new OperatorError('several accounts have namespaces: say with --account where it is to be made');
}

function isEngineError(error: unknown, reason: EngineError['reason']): boolean {
  return error instanceof EngineError && error.reason === reason;
}

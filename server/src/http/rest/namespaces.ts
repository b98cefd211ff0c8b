/** Namespaces: list, create, get, rename, delete. */
import { randomUUID } from 'node:crypto';
import { EngineError, type Namespace, type NamespacePage } from '../../kv/engine.ts';
import { type Fault, fault, KvError, kvError, shownKey } from '../../kv/errors.ts';
import { LIMITS } from '../../kv/limits.ts';
import { jurisdictionFault, normaliseId, titleFault } from '../../kv/namespaces.ts';
import type { Call } from '../call.ts';
import { success } from '../envelope.ts';
import { readJson } from '../json-body.ts';
import { pageInfo, pageParameter, perPageParameter } from '../paging.ts';
import { choiceParameter } from '../query.ts';
import type { Route } from '../route.ts';
import { NAMESPACE, NEW_NAMESPACE, NEW_TITLE, NULL, PAGE_INFO } from '../schemas.ts';

const NAMESPACES = '/client/v4/accounts/:account_id/storage/kv/namespaces';
export const ONE_NAMESPACE = `${NAMESPACES}/:namespace_id`;

const LIST_QUERY = {
  page: pageParameter,
  per_page: perPageParameter,
  order: choiceParameter({
    description: 'What to sort by.',
    choices: ['id', 'title'],
    notAChoice: fault('orderInvalid'),
  }),
  direction: choiceParameter({
    description: 'Which way to sort.',
    choices: ['asc', 'desc'],
    notAChoice: fault('directionInvalid'),
  }),
};

export const NAMESPACE_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: NAMESPACES,
    id: 'listNamespaces',
    summary: 'List namespaces',
    access: 'read',
    operation: 'list namespaces',
    query: LIST_QUERY,
    answer: { result: { type: 'array', items: NAMESPACE }, resultInfo: PAGE_INFO },
    handle: list,
  },
  {
    method: 'POST',
    path: NAMESPACES,
    id: 'createNamespace',
    summary: 'Create a namespace',
    access: 'change',
    operation: 'create namespace',
    body: { 'application/json': NEW_NAMESPACE },
    answer: { result: NAMESPACE },
    handle: create,
  },
  {
    method: 'GET',
    path: ONE_NAMESPACE,
    id: 'getNamespace',
    summary: 'Get a namespace',
    access: 'read',
    operation: 'get namespace',
    answer: { result: NAMESPACE },
    handle: async call => success(shape(await call.engine.getNamespace(call.namespace))),
  },
  {
    method: 'PUT',
    path: ONE_NAMESPACE,
    id: 'renameNamespace',
    summary: 'Rename a namespace',
    access: 'change',
    operation: 'rename namespace',
    body: { 'application/json': NEW_TITLE },
    answer: { result: NAMESPACE },
    handle: rename,
  },
  {
    method: 'DELETE',
    path: ONE_NAMESPACE,
    id: 'deleteNamespace',
    summary: 'Delete a namespace and all its pairs',
    access: 'change',
    operation: 'remove namespace',
    answer: { result: NULL },
    handle: remove,
  },
];

async function list(call: Call): Promise<string> {
  const { account } = call;
  const page = call.query('page', LIST_QUERY.page);
  const perPage = call.query('per_page', LIST_QUERY.per_page);
  const order: NamespacePage['order'] = call.query('order', LIST_QUERY.order);
  const direction: NamespacePage['direction'] = call.query('direction', LIST_QUERY.direction);
  const offset = (page - 1) * perPage;
  const { namespaces, total } = await call.engine.listNamespaces(account, { order, direction, offset, limit: perPage });
  return success(`[${namespaces.map(shape).join(',')}]`, pageInfo({ count: namespaces.length, page, perPage, total }));
}

async function create(call: Call): Promise<string> {
  const { account } = call;
  const { title, jurisdiction, id: givenId } = await readNamespaceBody(call);
  refuse(titleFault(title) ?? jurisdictionFault(jurisdiction));
  const namespace: Namespace = {
    id: newId(givenId),
    title: wellFormed(title),
    ...(typeof jurisdiction === 'string' && { jurisdiction }),
  };
  await call.engine.createNamespace(account, namespace, LIMITS.namespacesPerAccount);
  call.audit('namespace.create', { account, namespace: namespace.id, count: 1 });
  return success(shape(namespace));
}

async function rename(call: Call): Promise<string> {
  const address = call.managedNamespace;
  const { title } = await readNamespaceBody(call);
  refuse(titleFault(title));
  const renamed = await call.engine.renameNamespace(address, wellFormed(title));
  call.audit('namespace.rename', { account: address.account, namespace: address.id, count: 1 });
  return success(shape(renamed));
}

async function remove(call: Call): Promise<string> {
  const address = call.managedNamespace;
  try {
    await call.engine.deleteNamespace(address);
  } catch (error) {
    // Here alone Cloudflare words it differently.
    const missing = error instanceof EngineError && error.reason === 'namespaceMissing';
    throw missing ? kvError('removedNamespaceNotFound') : error;
  }
  call.audit('namespace.delete', { account: address.account, namespace: address.id, count: 1 });
  return success('null');
}

function readNamespaceBody(call: Call): Promise<Readonly<Record<string, unknown>>> {
  return readJson(call, detail => kvError('namespaceBodyMalformed', { detail }));
}

function newId(given: unknown): string {
  if (given === undefined || given === null) return randomUUID().replaceAll('-', '');
  const text = typeof given === 'string' ? given : typeof given;
  const id = normaliseId(text);
  if (id === undefined) throw kvError('namespaceIdMalformed', { id: shownKey(text) });
  return id;
}

function refuse(wrong: Fault | undefined): void {
  if (wrong !== undefined) throw new KvError([wrong]);
}

/** A title without lone surrogates, which have no UTF-8. */
function wellFormed(title: unknown): string {
  return String(title).toWellFormed();
}

function shape({ id, title, jurisdiction }: Namespace): string {
  return JSON.stringify({ id, title, supports_url_encoding: true, jurisdiction });
}

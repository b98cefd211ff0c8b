/** What clients ask about themselves before they begin: token, user, accounts, memberships. */
import { hash } from 'node:crypto';
import { kvError } from '../../kv/errors.ts';
import { DEFAULT_ACCOUNT_ID } from '../../kv/namespaces.ts';
import type { Scope } from '../../kv/permissions.ts';
import { isoTime } from '../../kv/times.ts';
import { identify } from '../auth.ts';
import type { Call } from '../call.ts';
import { success } from '../envelope.ts';
import { pageInfo, pageParameter, perPageParameter } from '../paging.ts';
import type { Route } from '../route.ts';
import { ACCOUNT, MEMBERSHIP, PAGE_INFO, USER, VERIFIED_TOKEN } from '../schemas.ts';

const QUERY = { page: pageParameter, per_page: perPageParameter };

export const IDENTITY_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/client/v4/user/tokens/verify',
    id: 'verifyToken',
    summary: 'Check the token that the request carries',
    access: 'open',
    answer: { result: VERIFIED_TOKEN },
    handle: verify,
  },
  {
    method: 'GET',
    path: '/client/v4/user',
    id: 'getUser',
    summary: 'Get the user behind the token',
    access: 'read',
    answer: { result: USER },
    handle: user,
  },
  {
    method: 'GET',
    path: '/client/v4/accounts',
    id: 'listAccounts',
    summary: 'List the accounts that have namespaces, or a default one',
    access: 'read',
    query: QUERY,
    answer: { result: { type: 'array', items: ACCOUNT }, resultInfo: PAGE_INFO },
    handle: call => listAccounts(call, account),
  },
  {
    method: 'GET',
    path: '/client/v4/memberships',
    id: 'listMemberships',
    summary: "List the token's memberships, one an account",
    access: 'read',
    query: QUERY,
    answer: { result: { type: 'array', items: MEMBERSHIP }, resultInfo: PAGE_INFO },
    handle: call => listAccounts(call, accountId => membership(accountId, call.scope)),
  },
];

/** Answers an unknown token with an error of its own, by which wrangler tells what kind of token it has. */
async function verify(call: Call): Promise<string> {
  const { id, expiresAt } = await identify(call.request.headers, call.services.tokens, () => {
    return kvError('tokenNotVerified');
  });
  const verified = { id, status: 'active', ...(expiresAt !== undefined && { expires_on: isoTime(expiresAt) }) };
  const messages = [{ code: 10000, message: 'This API Token is valid and active' }];
  return success(JSON.stringify(verified), undefined, messages);
}

/** There are no users: each token is one, whose address leads nowhere. */
function user({ principal }: Call): Promise<string> {
  const { id, root } = principal ?? {};
  return Promise.resolve(success(JSON.stringify({ id, email: `${root ? 'root' : id}@localhost` })));
}

async function listAccounts(call: Call, shape: (id: string) => object): Promise<string> {
  const page = call.query('page', QUERY.page);
  const perPage = call.query('per_page', QUERY.per_page);
  const ids = await accountIds(call);
  const shown = ids.slice((page - 1) * perPage, page * perPage);
  const info = pageInfo({ count: shown.length, page, perPage, total: ids.length });
  return success(JSON.stringify(shown.map(shape)), info);
}

/** Accounts are implicit. wrangler cannot do with an empty list, so there is always one. */
async function accountIds({ scope, engine }: Call): Promise<string[]> {
  if (scope.account !== undefined) return [scope.account];
  const known = await engine.listAccounts();
  return known.length === 0 ? [DEFAULT_ACCOUNT_ID] : known;
}

function account(id: string): object {
  return { id, name: `Freehold ${id}`, type: 'standard' };
}

function membership(accountId: string, scope: Scope): object {
  const id = hash('sha256', accountId).slice(0, accountId.length);
  return { id, status: 'accepted', account: account(accountId), roles: [roleOf(scope)] };
}

/** In Cloudflare's words. */
function roleOf({ namespaces, readOnly }: Scope): string {
  if (namespaces !== undefined) return readOnly ? 'Workers KV Storage Read' : 'Workers KV Storage Write';
  return readOnly ? 'Administrator Read Only' : 'Administrator';
}

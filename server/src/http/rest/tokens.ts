/** Tokens: list, create, revoke. For the root token alone: one that could make others would outlive its own end. */
import { kvError } from '../../kv/errors.ts';
import { listedToken } from '../../kv/listed-token.ts';
import { normaliseId } from '../../kv/namespaces.ts';
import { decodeTokenGrant } from '../../kv/token-request.ts';
import { newToken, storeToken } from '../../tokens.ts';
import type { Call } from '../call.ts';
import { success } from '../envelope.ts';
import { readJson } from '../json-body.ts';
import { pageInfo, pageParameter, perPageParameter } from '../paging.ts';
import type { Route } from '../route.ts';
import { PAGE_INFO } from '../schemas.ts';
import { NEW_TOKEN, REVOKED_TOKEN, TOKEN, TOKEN_WITH_VALUE } from '../token-schemas.ts';

const TOKENS = '/freehold/v1/tokens';
const QUERY = { page: pageParameter, per_page: perPageParameter };

export const TOKEN_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: TOKENS,
    id: 'listTokens',
    summary: 'List the tokens other than the root token, in the order in which they were made',
    access: 'root',
    query: QUERY,
    answer: { result: { type: 'array', items: TOKEN }, resultInfo: PAGE_INFO },
    handle: list,
  },
  {
    method: 'POST',
    path: TOKENS,
    id: 'createToken',
    summary: 'Create a token; this answer alone has it',
    access: 'root',
    body: { 'application/json': NEW_TOKEN },
    answer: { result: TOKEN_WITH_VALUE },
    handle: create,
  },
  {
    method: 'DELETE',
    path: `${TOKENS}/:token_id`,
    id: 'revokeToken',
    summary: 'Revoke a token, which from then on is good for nothing',
    access: 'root',
    answer: { result: REVOKED_TOKEN },
    handle: revoke,
  },
];

async function list(call: Call): Promise<string> {
  const page = call.query('page', QUERY.page);
  const perPage = call.query('per_page', QUERY.per_page);
  const { tokens, total } = await call.engine.listTokens({ offset: (page - 1) * perPage, limit: perPage });
  const now = call.services.clock();
  const shown = JSON.stringify(tokens.map(token => listedToken(token, now)));
  return success(shown, pageInfo({ count: tokens.length, page, perPage, total }));
}

async function create(call: Call): Promise<string> {
  const body = await readJson(call, detail => kvError('tokenBodyMalformed', { detail }));
  const now = call.services.clock();
  const grant = decodeTokenGrant(body, now);
  const { account = '', namespaces = [] } = grant;
  for (const id of namespaces) await call.engine.getNamespace({ account, id });
  const { token, stored } = newToken(grant, now);
  await storeToken(call.engine, stored);
  const { id, name } = stored;
  call.audit('token.create', { account: grant.account, token: { id, name }, count: 1 });
  return success(JSON.stringify({ ...listedToken(stored, now), value: token }));
}

async function revoke(call: Call): Promise<string> {
  const id = normaliseId(call.parameter('token_id'));
  if (id === undefined) throw kvError('tokenNotFound');
  await call.engine.revokeToken(id);
  call.audit('token.revoke', { token: { id }, count: 1 });
  return success(JSON.stringify({ id }));
}

/** Makes, lists and revokes tokens as an operator names them and what they are good for. */
import { type Clock, type Engine, EngineError, type StoredToken } from '../kv/engine.ts';
import { KvError } from '../kv/errors.ts';
import { faultText } from '../kv/fault-text.ts';
import { LIMITS } from '../kv/limits.ts';
import { type ListedToken, listedToken } from '../kv/listed-token.ts';
import { normaliseId } from '../kv/namespaces.ts';
import { decodeTokenGrant } from '../kv/token-request.ts';
import { OperatorError } from '../operator-error.ts';
import { shown } from '../shown.ts';
import { newToken, storeToken } from '../tokens.ts';
import { findNamespace } from './named-namespace.ts';
import type { CreateTokenRequest, RevokeTokenRequest } from './token-requests.ts';

export interface CreatedToken {
  readonly token: string;
  readonly listed: ListedToken;
}

interface Parts {
  readonly engine: Engine;
  readonly clock: Clock;
}

/** Throws an `OperatorError`, and then has made none. */
export function createToken(parts: Parts, request: CreateTokenRequest): Promise<CreatedToken> {
  return told(async () => {
    const now = parts.clock();
    const body = { ...request.grant, ...(await namedNamespaces(parts.engine, request)) };
    const { token, stored } = newToken(decodeTokenGrant(body, now), now);
    await storeToken(parts.engine, stored);
    return { token, listed: listedToken(stored, now) };
  });
}

/** All of them, in the order in which they were made. */
export function listTokens({ engine, clock }: Parts): Promise<{ tokens: ListedToken[] }> {
  return told(async () => {
    const now = clock();
    return { tokens: (await allTokens(engine)).map(token => listedToken(token, now)) };
  });
}

/** Throws an `OperatorError` where no token is called so, or several are. */
export function revokeToken({ engine, clock }: Parts, { token: named }: RevokeTokenRequest): Promise<ListedToken> {
  return told(async () => {
    const token = findToken(await allTokens(engine), named);
    await engine.revokeToken(token.id);
    return listedToken(token, clock());
  });
}

async function namedNamespaces(
  engine: Engine,
  { namespaces, grant }: CreateTokenRequest,
): Promise<{ account_id?: string; namespace_ids?: readonly string[] }> {
  if (namespaces === undefined) return {};
  const account = typeof grant['account_id'] === 'string' ? grant['account_id'] : undefined;
  const accounts = new Set<string>();
  const ids: string[] = [];
  for (const name of namespaces) {
    const found = await findNamespace(engine, { name, account });
    if (found === undefined) throw new OperatorError(`there is no namespace ${shown(name)}`);
    accounts.add(found.account);
    ids.push(found.namespace.id);
  }
  const [first = '', ...others] = accounts;
  if (others.length === 0) return { account_id: first, namespace_ids: ids };
  throw new OperatorError('the namespaces are in several accounts, and a token is good for those of one');
}

async function allTokens(engine: Engine): Promise<StoredToken[]> {
  const limit = LIMITS.listNamespacesMax;
  const all: StoredToken[] = [];
  for (;;) {
    const { tokens, total } = await engine.listTokens({ offset: all.length, limit });
    all.push(...tokens);
    if (tokens.length === 0 || all.length >= total) return all;
  }
}

function findToken(tokens: readonly StoredToken[], named: string): StoredToken {
  const id = normaliseId(named);
  const byId = tokens.find(token => token.id === id);
  if (byId !== undefined) return byId;
  const [first, ...others] = tokens.filter(({ name }) => name === named);
  if (first === undefined) throw new OperatorError(`there is no token ${shown(named)}; freehold token list shows them`);
  if (others.length === 0) return first;
  const ids = [first, ...others].map(token => token.id).join(', ');
  throw new OperatorError(`several tokens are called ${shown(named)}: say which by its id, of ${ids}`);
}

/** Words for the operator what only they can put right. */
async function told<Result>(act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof KvError) throw new OperatorError(faultText(error.faults[0], undefined), { cause: error });
    if (!(error instanceof EngineError)) throw error;
    throw new OperatorError(`the server could not do it: ${error.message}`, { cause: error });
  }
}

/** Connects a client: finds or makes the namespace, and mints a token that is good for no more than the client needs. */
import type { Connection, Recipe } from '../connect/recipe.ts';
import { RECIPES } from '../connect/recipes.ts';
import { reachableUrl } from '../connect/url.ts';
import { type Clock, type Engine, EngineError } from '../kv/engine.ts';
import { hasExpired, type TokenGrant } from '../kv/token-grant.ts';
import { mainUrl } from '../main-url.ts';
import { OperatorError } from '../operator-error.ts';
import { shown } from '../shown.ts';
import { newToken, storeToken } from '../tokens.ts';
import type { ConnectRequest } from './connect-request.ts';
import { createNamespace, type FoundNamespace, findNamespace } from './named-namespace.ts';

export interface ConnectAnswer extends Connection {
  readonly tokenId: string;
  readonly tokenName: string;
  /** Whether the namespace was made just now. */
  readonly created: boolean;
}

interface ConnectParts {
  readonly engine: Engine;
  readonly clock: Clock;
  /** Where the server listens. */
  readonly urls: readonly string[];
}

/** Throws an `OperatorError`, and then has minted no token. */
export async function connectNamespace(
  { engine, clock, urls }: ConnectParts,
  request: ConnectRequest,
): Promise<ConnectAnswer> {
  // First, because a namespace is not to be made for a client that cannot reach it.
  const url = clientUrl(request, urls);
  if (hasExpired(request, clock())) throw new OperatorError('--expires must lie in the future');
  try {
    const { found, created } = await findOrCreate(engine, request);
    const { token, stored } = newToken(grantFor(request, found), clock());
    await storeToken(engine, stored);
    const { account, namespace } = found;
    return { url, account, namespace, token, tokenId: stored.id, tokenName: stored.name, created };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new OperatorError(`the server could not do it: ${error.message}`, { cause: error });
  }
}

function clientUrl({ client, url: given }: ConnectRequest, urls: readonly string[]): string {
  const own = mainUrl(urls);
  const url = given ?? (own && reachableUrl(own));
  if (url === undefined) throw new OperatorError('the server is only starting: try again');
  const fault = RECIPES[client].urlFault(url);
  if (fault !== undefined) throw new OperatorError(`${client} ${fault}, as ${url} is one: give another with --url`);
  return url;
}

async function findOrCreate(
  engine: Engine,
  request: ConnectRequest,
): Promise<{ found: FoundNamespace; created: boolean }> {
  const named = { name: request.namespace, account: request.account };
  const found = await findNamespace(engine, named);
  if (found !== undefined) return { found, created: false };
  if (request.create) return { found: await createNamespace(engine, named), created: true };
  const where = request.account === undefined ? '' : ` in account ${request.account}`;
  throw new OperatorError(`there is no namespace ${shown(request.namespace)}${where}; --create makes it`);
}

function grantFor({ client, readOnly, expiresAt }: ConnectRequest, { account, namespace }: FoundNamespace): TokenGrant {
  const { tokenScope }: Recipe = RECIPES[client];
  return {
    name: `${client} for ${namespace.title}`,
    account,
    ...(tokenScope === 'namespace' && { namespaces: [namespace.id] }),
    ...(readOnly && { readOnly }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
}

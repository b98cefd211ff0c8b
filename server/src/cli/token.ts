/** `freehold token …`: through the admin socket where a server runs, on its stopped data directory otherwise. */
import { resolve } from 'node:path';
import { askServer } from '../admin/client.ts';
import { resetRootToken } from '../admin/root-token.ts';
import type { CreateTokenRequest } from '../admin/token-requests.ts';
import { createToken, listTokens, revokeToken } from '../admin/tokens.ts';
import type { TokenConfig, TokenCreateConfig, TokenListConfig, TokenRevokeConfig } from '../config/token.ts';
import type { Engine } from '../kv/engine.ts';
import { isoTime } from '../kv/times.ts';
import { shown } from '../shown.ts';
import { writeResult } from '../standard-output.ts';
import { systemClock } from '../system-clock.ts';
import { expiryAt } from './expiry.ts';
import { scopeText, tokenTable } from './token-table.ts';

/** On standard output there is nothing but the token. */
export async function create({ dataDirectory, ...config }: TokenCreateConfig): Promise<void> {
  const directory = resolve(dataDirectory);
  const request = createRequest(config);
  const { token, listed } =
    (await askServer(directory, 'POST /token/create', request)) ??
    (await onStopped(directory, engine => createToken({ engine, clock: systemClock }, request)));
  const { id, name, expires_on: end } = listed;
  const until = end === undefined ? 'It does not expire.' : `It expires on ${end}.`;
  process.stderr.write(`Made the token ${shown(name)} (${id}), good for ${scopeText(listed)}. ${until}\n`);
  process.stderr.write('It follows, and is not shown again.\n');
  await writeResult(`${token}\n`);
}

function createRequest(config: Omit<TokenCreateConfig, 'dataDirectory'>): CreateTokenRequest {
  const { namespaces, expires } = config;
  const grant = {
    name: config.name,
    account_id: config.account,
    read_only: config.readOnly,
    expires_on: expires && isoTime(expiryAt(expires, systemClock())),
    requests_per_second: config.requestsPerSecond,
    bytes_per_day: config.bytesPerDay,
  };
  return { grant, ...(namespaces && { namespaces }) };
}

export async function list({ dataDirectory, json }: TokenListConfig): Promise<void> {
  const directory = resolve(dataDirectory);
  const { tokens } =
    (await askServer(directory, 'POST /token/list')) ??
    (await onStopped(directory, engine => listTokens({ engine, clock: systemClock })));
  if (json) await writeResult(`${JSON.stringify(tokens, undefined, 2)}\n`);
  else if (tokens.length === 0) process.stderr.write('There are no tokens but the root token.\n');
  else await writeResult(tokenTable(tokens));
}

export async function revoke({ dataDirectory, token }: TokenRevokeConfig): Promise<void> {
  const directory = resolve(dataDirectory);
  const { id, name } =
    (await askServer(directory, 'POST /token/revoke', { token })) ??
    (await onStopped(directory, engine => revokeToken({ engine, clock: systemClock }, { token })));
  process.stderr.write(`Revoked the token ${shown(name)} (${id}).\n`);
}

export async function resetRoot({ dataDirectory }: TokenConfig): Promise<void> {
  const directory = resolve(dataDirectory);
  const { token } =
    (await askServer(directory, 'POST /token/reset-root')) ??
    (await onStopped(directory, engine => resetRootToken(engine, directory)));
  process.stderr.write('The new root token follows; the old one no longer works.\n');
  await writeResult(`${token}\n`);
}

async function onStopped<Result>(directory: string, act: (engine: Engine) => Promise<Result>): Promise<Result> {
  // Loaded only here, because the engine is not needed where a server runs.
  const { openExistingEngine } = await import('../data-directory.ts');
  // At the time 0 nothing has expired, so that nothing is swept in passing.
  const engine = await openExistingEngine(directory, { clock: () => 0, onFatal: () => {} });
  try {
    return await act(engine);
  } finally {
    await engine.close();
  }
}

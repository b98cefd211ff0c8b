/** `freehold connect`: the running server finds the namespace and mints the token, and the text is made of its answer. */
import { resolve } from 'node:path';
import { askServer } from '../admin/client.ts';
import type { ConnectAnswer } from '../admin/connect.ts';
import type { ConnectRequest } from '../admin/connect-request.ts';
import type { ConnectConfig } from '../config/connect.ts';
import { RECIPES } from '../connect/recipes.ts';
import { isoTime } from '../kv/times.ts';
import { OperatorError } from '../operator-error.ts';
import { shown } from '../shown.ts';
import { writeResult } from '../standard-output.ts';
import { systemClock } from '../system-clock.ts';
import { expiryAt } from './expiry.ts';

/** On standard output there is nothing but the text, so that it can be written to a file. */
export async function connect({ dataDirectory, readOnly, expires, ...rest }: ConnectConfig): Promise<void> {
  const directory = resolve(dataDirectory);
  const request = {
    ...rest,
    ...(readOnly && { readOnly }),
    ...(expires && { expiresAt: expiryAt(expires, systemClock()) }),
  };
  const answer = await askServer(directory, 'POST /connect', request);
  if (answer === undefined) {
    throw new OperatorError(
      `no server runs on ${directory}: start it with freehold serve --data ${directory}, or name another with --data`,
    );
  }
  const recipe = RECIPES[request.client];
  process.stderr.write(`${explain(answer, recipe.tokenScope, request).join('\n')}\n${recipe.advice}\n\n`);
  await writeResult(recipe.text(answer));
}

function explain(
  { created, namespace, account, tokenName }: ConnectAnswer,
  scope: 'namespace' | 'account',
  { readOnly, expiresAt }: Pick<ConnectRequest, 'readOnly' | 'expiresAt'>,
): string[] {
  const name = `${shown(namespace.title)} (${namespace.id})`;
  const what = scope === 'account' ? `all of account ${account}` : 'the pairs of this namespace alone';
  const good = readOnly ? `reading ${what}` : what;
  const end = expiresAt === undefined ? '' : `, expires on ${isoTime(expiresAt)}`;
  return [
    `${created ? 'Made namespace' : 'Namespace'} ${name} in account ${account}.`,
    `The token in the text, ${shown(tokenName)}, is good for ${good}${end}, and not shown again.`,
  ];
}

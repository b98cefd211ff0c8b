/** Keys, page by page. */
import { toInteger, toOptions, toSignal, toText } from './arguments.ts';
import { readText } from './bodies.ts';
import { withQuery } from './query.ts';
import type { Transport } from './transport.ts';
import type { ListResult } from './types.ts';

export async function listPage<Metadata, Key extends string>(
  transport: Transport,
  options: unknown,
): Promise<ListResult<Metadata, Key>> {
  const { limit, prefix, cursor, signal } = toOptions('list', 1, 'ListOptions', options);
  const count = toInteger(limit);
  const query = {
    key_count_limit: count !== undefined && count > 0 ? count : undefined,
    prefix: toOptionalText(prefix),
    cursor: toOptionalText(cursor),
  };
  const path = withQuery('', query);
  const { text, cacheStatus } = await transport.send(
    { operation: 'GET', method: 'GET', path, repeatable: 'read', signal: toSignal(signal) },
    async response => ({ text: await readText(response), cacheStatus: response.headers.get('cf-cache-status') }),
  );
  const page: ListResult<Metadata, Key> = JSON.parse(text);
  for (const key of page.keys) if (typeof key.metadata === 'string') key.metadata = JSON.parse(key.metadata);
  return { ...page, cacheStatus };
}

function toOptionalText(given: unknown): string | undefined {
  return given === undefined || given === null ? undefined : toText(given);
}

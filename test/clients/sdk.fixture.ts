/** The official `cloudflare` SDK, pointed at the server. */
import Cloudflare from 'cloudflare';
import { ACCOUNT, type Freehold, TOKEN } from './freehold.fixture.ts';

export const account = { account_id: ACCOUNT };

/** No retries, so that a failure is seen and not repeated away. */
export function sdk(freehold: Freehold, apiToken = TOKEN): Cloudflare {
  return new Cloudflare({ baseURL: `${freehold.url}/client/v4`, apiToken, maxRetries: 0 });
}

export async function newNamespace(client: Cloudflare, title: string): Promise<string> {
  return (await client.kv.namespaces.create({ ...account, title })).id;
}

export async function collect<Item>(pages: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of pages) items.push(item);
  return items;
}

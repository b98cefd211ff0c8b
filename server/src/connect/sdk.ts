/** The official SDK for Node, the package `cloudflare`. */
import { jsString } from './quote.ts';
import type { Connection, Recipe } from './recipe.ts';
import { apiUrl, socketFault } from './url.ts';

export const sdk: Recipe = {
  tokenScope: 'account',
  urlFault: socketFault,
  text,
  advice: 'Save it as freehold.mjs and run: npm install cloudflare && node freehold.mjs',
};

function text({ url, account, namespace, token }: Connection): string {
  return `import Cloudflare from 'cloudflare';

const client = new Cloudflare({
  baseURL: ${jsString(apiUrl(url))},
  apiToken: ${jsString(token)},
});
const account_id = ${jsString(account)};
const namespace_id = ${jsString(namespace.id)};

const body = [{ key: 'greeting', value: 'hello', expiration_ttl: 3600 }];
await client.kv.namespaces.bulkUpdate(namespace_id, { account_id, body });
const response = await client.kv.namespaces.values.get('greeting', { account_id, namespace_id });
console.log(await response.text());
`;
}

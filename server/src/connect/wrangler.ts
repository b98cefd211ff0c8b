/** wrangler: the variables it reads, and the namespace for its configuration. */
import { bindingName } from './binding-name.ts';
import { shellWord } from './quote.ts';
import type { Connection, Recipe } from './recipe.ts';
import { apiUrl, socketFault } from './url.ts';

export const wrangler: Recipe = {
  tokenScope: 'account',
  urlFault: socketFault,
  text,
  advice: 'Paste it into a shell; the line kv_namespaces is for wrangler.jsonc.',
};

function text({ url, account, namespace, token }: Connection): string {
  const binding = bindingName(namespace.title);
  const entry = `"kv_namespaces": [{ "binding": "${binding}", "id": "${namespace.id}" }]`;
  return `export CLOUDFLARE_API_BASE_URL=${shellWord(apiUrl(url))}
export CLOUDFLARE_API_TOKEN=${shellWord(token)}
export CLOUDFLARE_ACCOUNT_ID=${account}

# In wrangler.jsonc, for --binding ${binding} in place of --namespace-id:
# ${entry}

npx wrangler kv key list --remote --namespace-id ${namespace.id}
`;
}

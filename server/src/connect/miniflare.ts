/** Miniflare: a Worker, and Node beside it, with the namespace as a remote KV binding. */
import { bindingName } from './binding-name.ts';
import { jsString } from './quote.ts';
import type { Connection, Recipe } from './recipe.ts';
import { socketFault } from './url.ts';

export const miniflare: Recipe = {
  tokenScope: 'namespace',
  urlFault: socketFault,
  text,
  advice: 'Save it as dev.mjs, put your Worker in place of the script, and run: npm install miniflare && node dev.mjs',
};

function text({ url, namespace, token }: Connection): string {
  const binding = bindingName(namespace.title);
  return `import * as miniflare from 'miniflare';

const options = {
  modules: true,
  script: \`export default {
    fetch: async (request, env) => new Response(await env.${binding}.get('greeting')),
  };\`,
  kvNamespaces: {
    ${binding}: {
      id: ${jsString(namespace.id)},
      remoteProxyConnectionString: new URL(
        ${jsString(`${url}/binding/${namespace.id}?token=${encodeURIComponent(token)}`)},
      ),
    },
  },
};

// Miniflare 5 takes options of this form through a function of its own; Miniflare 4 takes them as they are.
const mf = new miniflare.Miniflare(miniflare.convertV4MiniflareOptions?.(options) ?? options);
try {
  const namespace = await mf.getKVNamespace(${jsString(binding)});
  await namespace.put('greeting', 'hello', { expirationTtl: 3600 });
  const response = await mf.dispatchFetch('http://localhost/');
  console.log(await response.text());
} finally {
  await mf.dispose();
}
`;
}

/** Node and every other JavaScript runtime: the package `@freehold/client`. */
import { jsString } from './quote.ts';
import type { Connection, Recipe } from './recipe.ts';
import { socketFault } from './url.ts';

export const node: Recipe = {
  tokenScope: 'namespace',
  urlFault: socketFault,
  text,
  advice: 'Save it as freehold.mjs and run: npm install @freehold/client && node freehold.mjs',
};

function text({ url, namespace, token }: Connection): string {
  return `import { connect } from '@freehold/client';

const namespace = connect({
  url: ${jsString(url)},
  namespace: ${jsString(namespace.id)},
  token: ${jsString(token)},
});

await namespace.put('greeting', 'hello', { expirationTtl: 3600 });
console.log(await namespace.get('greeting'));
`;
}

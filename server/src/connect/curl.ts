/** curl: the REST API by hand. */
import { shellWord } from './quote.ts';
import type { Connection, Recipe } from './recipe.ts';
import { apiUrl, socketPathOf } from './url.ts';

export const curl: Recipe = {
  tokenScope: 'namespace',
  urlFault: () => undefined,
  text,
  advice: 'Paste it into a shell.',
};

function text({ url, account, namespace, token }: Connection): string {
  const socket = socketPathOf(url);
  // A URL needs a host, which curl then does not look up.
  const base = socket === undefined ? url : 'http://localhost';
  const command = socket === undefined ? 'curl' : `curl --unix-socket ${shellWord(socket)}`;
  const namespaceUrl = `${apiUrl(base)}/accounts/${account}/storage/kv/namespaces/${namespace.id}`;
  return `export TOKEN=${shellWord(token)}
export NAMESPACE=${shellWord(namespaceUrl)}

${command} -H "Authorization: Bearer $TOKEN" "$NAMESPACE/values/greeting?expiration_ttl=3600" -X PUT --data-binary hello
${command} -H "Authorization: Bearer $TOKEN" "$NAMESPACE/values/greeting"
${command} -H "Authorization: Bearer $TOKEN" "$NAMESPACE/keys?prefix=greet"
`;
}

/** What a first start shows on a terminal: the root token, once, and how to use it. */
import { shellWord } from '../connect/quote.ts';
import { apiUrl, reachableUrl, socketPathOf } from '../connect/url.ts';
import { DEFAULT_ACCOUNT_ID } from '../kv/namespaces.ts';

const RULE = '─'.repeat(78);

export function firstStartBanner(listeningUrl: string, token: string): string {
  const socket = socketPathOf(listeningUrl);
  const api = apiUrl(socket === undefined ? reachableUrl(listeningUrl) : 'http://localhost');
  return `
${RULE}
Welcome to Freehold. This is the root token. It is not shown again:

  ${token}

Check it with curl:

  curl ${socket === undefined ? '' : `--unix-socket ${shellWord(socket)} `}-H 'Authorization: Bearer ${token}' \\
    ${api}/user/tokens/verify

${socket === undefined ? wranglerExample(api, token) : WRANGLER_NEEDS_TCP}

Lost it? \`freehold token reset-root\` makes a new one.
${RULE}

`;
}

function wranglerExample(api: string, token: string): string {
  return `Use it with wrangler:

  export CLOUDFLARE_API_BASE_URL=${api}
  export CLOUDFLARE_API_TOKEN=${token}
  export CLOUDFLARE_ACCOUNT_ID=${DEFAULT_ACCOUNT_ID}
  npx wrangler kv namespace create my-namespace`;
}

const WRANGLER_NEEDS_TCP =
  'wrangler and the SDKs cannot use a Unix socket: for them, --listen takes a host:port beside it.';

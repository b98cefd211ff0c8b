/** What a first start shows on a terminal: the root token, once, and how to use it. */
import { DEFAULT_ACCOUNT_ID } from '../kv/namespaces.ts';

const RULE = '─'.repeat(78);

export function firstStartBanner(listeningUrl: string, token: string): string {
  const url = reachable(listeningUrl);
  return `
${RULE}
Welcome to Freehold. This is the root token. It is not shown again:

  ${token}

Check it with curl:

  curl -H 'Authorization: Bearer ${token}' \\
    ${url}/client/v4/user/tokens/verify

Use it with wrangler:

  export CLOUDFLARE_API_BASE_URL=${url}/client/v4
  export CLOUDFLARE_API_TOKEN=${token}
  export CLOUDFLARE_ACCOUNT_ID=${DEFAULT_ACCOUNT_ID}
  npx wrangler kv namespace create my-namespace

Lost it? \`freehold token reset-root\` makes a new one.
${RULE}

`;
}

/** One cannot connect to the address that stands for all of them. */
function reachable(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}

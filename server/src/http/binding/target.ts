/** The forms in which a KV binding's requests arrive, brought into the one that is routed. */
import type { IncomingMessage } from 'node:http';

/** Where the binding's routes lie: `/binding/<namespace id>/…`. */
export const BINDING = '/binding';

/** What Miniflare puts before its headers when it passes a request on. */
const REMOTE_HEADER = 'mf-header-';

/** What a client puts before the path where it speaks as to a proxy. */
const ORIGIN = /^https?:\/\/[^/?]*/i;

export function withoutOrigin(url: string): string {
  return url.replace(ORIGIN, '') || '/';
}

/**
 * The target as it would be under `/binding/`. Three forms lead there: workerd names the namespace in the header
 * `Freehold-Namespace`, injected by its configuration; Miniflare sends to one URL under `/binding` what is meant for the
 * URL in `MF-URL`; others use the path directly. Everything else comes back as it is. A request that names no namespace
 * gets an empty one: that there is no such path would tell a client that its key is missing.
 */
export function bindingTarget(message: IncomingMessage, target: string): string {
  const { headers } = message;
  const namespace = headers['freehold-namespace'];
  if (typeof namespace === 'string') return `${BINDING}/${encodeURIComponent(namespace)}${target}`;
  const remoteUrl = headers['mf-url'];
  if (typeof remoteUrl === 'string') return remoteTarget(message, target, remoteUrl);
  // Every request of workerd has this header: one that is not for a namespace comes from a configuration without.
  if (!target.startsWith(`${BINDING}/`))
    return headers['cf-kv-flprod-405'] === undefined ? target : `${BINDING}/${target}`;
  return target.includes('%') ? target.replace(NAMESPACE, decodable) : target;
}

const NAMESPACE = /(?<=^\/binding\/)[^/?]*/;

function decodable(namespace: string): string {
  try {
    return decodeURIComponent(namespace) && namespace;
  } catch {
    return '';
  }
}

const REMOTE_PATH = /^\/binding(?:\/([^/]+))?\/?$/;

/**
 * Miniflare cannot add headers, so that credentials and the account may be in the query of its URL. It has one URL for
 * all bindings of a Worker: where the path names no namespace, the query does, under the binding's name.
 */
function remoteTarget(message: IncomingMessage, target: string, remoteUrl: string): string {
  const { headers } = message;
  const [path = '', query] = target.split('?', 2);
  const parameters = new URLSearchParams(query);
  const [token, account] = ['token', 'account'].map(name => take(parameters, name));
  if (token !== undefined) headers.authorization ??= `Bearer ${token}`;
  if (account !== undefined) headers['freehold-account'] ??= account;
  const metadata = headers[`${REMOTE_HEADER}cf-kv-metadata`];
  if (metadata !== undefined) headers['cf-kv-metadata'] = metadata;
  const match = REMOTE_PATH.exec(path);
  const named = match?.[1] ?? encodeURIComponent((match && parameters.get(String(headers['mf-binding']))) ?? '');
  return `${BINDING}/${decodable(named)}${withoutOrigin(remoteUrl)}`;
}

/** Takes a parameter out, lest a binding of that name be shown it in an error. */
function take(parameters: URLSearchParams, name: string): string | undefined {
  const value = parameters.get(name) ?? undefined;
  parameters.delete(name);
  return value;
}

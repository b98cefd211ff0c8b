/** The forms in which a KV binding's requests arrive, brought into the one that is routed. */
import type { IncomingMessage } from 'node:http';

/** Where the binding's routes lie: `/binding/<namespace id>/…`. */
export const BINDING = '/binding';

/** Stands for the namespace where a request names none; a 404 would tell a client that its key is missing. */
export const NO_NAMESPACE = '-';

/** What Miniflare puts before its headers when it passes a request on. */
const REMOTE_HEADER = 'mf-header-';
const ORIGIN = /^https?:\/\/[^/?]*/i;

/**
 * The target as it would be under `/binding/`. Three forms lead there: workerd names the namespace in the header
 * `Freehold-Namespace`, injected by its configuration; Miniflare sends to one URL under `/binding` what is meant for the
 * URL in `MF-URL`; others use the path directly. Everything else comes back as it is.
 */
export function bindingTarget(message: IncomingMessage, target: string): string {
  const { headers } = message;
  const namespace = headers['freehold-namespace'];
  if (typeof namespace === 'string') return `${BINDING}/${encodeURIComponent(namespace) || NO_NAMESPACE}${target}`;
  const remoteUrl = headers['mf-url'];
  if (typeof remoteUrl === 'string') return remoteTarget(message, target, remoteUrl);
  // Every request of workerd has this header: one that is not for a namespace comes from a configuration without.
  if (headers['cf-kv-flprod-405'] !== undefined && !isUnderBinding(target))
    return `${BINDING}/${NO_NAMESPACE}${target}`;
  return target;
}

function isUnderBinding(target: string): boolean {
  return target.startsWith(`${BINDING}/`);
}

const REMOTE_TARGET = /^\/binding(?:\/([^/?]+))?\/?(?:\?(.*))?$/;

/**
 * Miniflare cannot add headers, so that credentials and the account may be in the query of its URL. It has one URL for
 * all bindings of a Worker: where the path names no namespace, the query does, under the binding's name.
 */
function remoteTarget(message: IncomingMessage, target: string, remoteUrl: string): string {
  const { headers } = message;
  const [, inPath, query = ''] = REMOTE_TARGET.exec(target) ?? [];
  const parameters = new URLSearchParams(query);
  const inQuery = encodeURIComponent(parameters.get(String(headers['mf-binding'])) ?? '');
  const token = parameters.get('token');
  if (token !== null) headers.authorization ??= `Bearer ${token}`;
  const account = parameters.get('account');
  if (account !== null) headers['freehold-account'] ??= account;
  const metadata = headers[`${REMOTE_HEADER}cf-kv-metadata`];
  if (metadata !== undefined) headers['cf-kv-metadata'] = metadata;
  return `${BINDING}/${inPath ?? (inQuery || NO_NAMESPACE)}${remoteUrl.replace(ORIGIN, '') || '/'}`;
}

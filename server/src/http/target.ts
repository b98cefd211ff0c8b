/** The key in a request's target, taken out before the router sees it: a router would cut, decode or refuse it. */
import type { IncomingMessage } from 'node:http';
import { BINDING, bindingTarget, NO_NAMESPACE, withoutOrigin } from './binding/target.ts';

declare module 'node:http' {
  interface IncomingMessage {
    /** The key in the path, not decoded. */
    rawKey?: string;
  }
}

const REST_KEY =
  /^(\/client\/v4\/accounts\/[^/?]+\/storage\/kv\/namespaces\/[^/?]+\/(?:values|metadata)\/)([^?]+)(\?.*)?$/;
const BOUND = /^\/binding\/([^/?]*)\/?([^?]*)(\?.*)?$/;
const BOUND_BULK = /^bulk\/(?:get|put|delete)$/;

/** Stands for the key in the target that is routed. */
const PLACEHOLDER = 'key';

/** A target that no route has. */
const NOWHERE = '/-';

/** The target to route by. Everything behind `values/`, `metadata/` or a bound namespace is the key, slashes too. */
export function rewriteTarget(message: IncomingMessage): string {
  const target = bindingTarget(message, withoutOrigin(message.url ?? ''));
  const bound = BOUND.exec(target);
  if (bound !== null) return boundTarget(message, bound);
  const match = REST_KEY.exec(target);
  if (match === null) return routable(target, NOWHERE);
  const [, path = '', rawKey = '', query = ''] = match;
  message.rawKey = rawKey;
  return routable(path + PLACEHOLDER + query, NOWHERE);
}

/** A slash in a key is escaped by workerd, so that `POST /bulk/get` and the like are no keys. */
function boundTarget(message: IncomingMessage, [, id = '', rest = '', query = '']: RegExpExecArray): string {
  const namespace = routable(id, NO_NAMESPACE) || NO_NAMESPACE;
  const listing = rest === '';
  if (listing || (message.method === 'POST' && BOUND_BULK.test(rest))) return `${BINDING}/${namespace}/${rest}${query}`;
  message.rawKey = rest;
  return `${BINDING}/${namespace}/${PLACEHOLDER}${query}`;
}

/** A path that cannot be decoded leads nowhere; the router would refuse it before any hook could see the request. */
function routable(target: string, otherwise: string): string {
  if (!target.includes('%')) return target;
  try {
    decodeURI(target.split('?', 1)[0] ?? '');
    return target;
  } catch {
    return otherwise;
  }
}

/** The key in a request's target, taken out before the router sees it: a router would cut, decode or refuse it. */
import type { IncomingMessage } from 'node:http';

declare module 'node:http' {
  interface IncomingMessage {
    /** The key in the path, not decoded. */
    rawKey?: string;
  }
}

const KEY_TARGET =
  /^(\/client\/v4\/accounts\/[^/?]+\/storage\/kv\/namespaces\/[^/?]+\/(?:values|metadata)\/)([^?]+)(\?.*)?$/;

/** Stands for the key in the target that is routed. */
const PLACEHOLDER = 'key';

/** What a client puts before the path where it speaks as to a proxy. */
const ORIGIN = /^https?:\/\/[^/?]*/i;

/** A target that no route has. */
const NOWHERE = '/-';

/** The target to route by. Everything behind `values/` or `metadata/` is the key, slashes that are not escaped too. */
export function rewriteTarget(message: IncomingMessage): string {
  const target = message.url?.replace(ORIGIN, '') || '/';
  const match = KEY_TARGET.exec(target);
  if (match === null) return routable(target);
  const [, path = '', rawKey = '', query = ''] = match;
  message.rawKey = rawKey;
  return routable(path + PLACEHOLDER + query);
}

/** A path that cannot be decoded leads nowhere; the router would refuse it before any hook could see the request. */
function routable(target: string): string {
  if (!target.includes('%')) return target;
  try {
    decodeURI(target.split('?', 1)[0] ?? '');
    return target;
  } catch {
    return NOWHERE;
  }
}

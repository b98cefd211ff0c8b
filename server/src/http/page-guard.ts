/**
 * Keeps web pages out of a server that asks for no token. A browser on the same machine reaches loopback for any page:
 * by requests that need no permission of CORS, and, where a name of the page's own was made to lead to loopback, as the
 * page's own origin.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { type KvError, kvError, shownKey } from '../kv/errors.ts';
import type { Surface } from './route.ts';

/** What browsers say of requests that no other page makes: typed into the address bar, or the server's own. */
const OWN_SITES: readonly unknown[] = ['none', 'same-origin'];

const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d*)?$/i;

/** What workerd calls the server of a binding. */
const BOUND_HOST = 'fake-host';

/** Why the request is refused; undefined where it may pass. */
export function pageFault(headers: IncomingHttpHeaders, surface: Surface): KvError | undefined {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  if (origin !== undefined) return kvError('pageForbidden', { header: 'Origin' });
  if (site !== undefined && !OWN_SITES.includes(site)) return kvError('pageForbidden', { header: 'Sec-Fetch-Site' });
  // Without a Host it comes from no browser.
  if (host === undefined || LOOPBACK_HOST.test(host) || (surface === 'binding' && host === BOUND_HOST))
    return undefined;
  return kvError('hostForbidden', { host: shownKey(host) });
}

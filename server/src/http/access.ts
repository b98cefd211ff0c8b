/** What it takes to use a route. Which accounts and namespaces a token may use there, the call tells. */
import { kvError } from '../kv/errors.ts';
import type { Principal } from '../tokens.ts';

/**
 * - `open`: no credentials, or the route checks them itself;
 * - `read`: any token that is good for what it names;
 * - `change`: the same, unless it may only read;
 * - `root`: the root token.
 */
export type Access = 'open' | 'read' | 'change' | 'root';

/** Throws where the token is not good for such routes, before anything of the body is read. */
export function checkAccess(access: Access, principal: Principal | undefined): void {
  if (access === 'change' && principal?.readOnly) throw kvError('tokenReadOnly');
  if (access === 'root' && !principal?.root) throw kvError('tokenForbidden');
}

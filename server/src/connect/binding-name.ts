import { normaliseId } from '../kv/namespaces.ts';

/** What a binding is called where the title yields no name. */
const FALLBACK = 'KV';
const IDENTIFIER = /^[A-Z]/;

/** The name of a binding to the namespace with this title: an identifier such as `USER_SESSIONS`. */
export function bindingName(title: string): string {
  if (normaliseId(title) !== undefined) return FALLBACK;
  const name = title
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^_|_$/g, '');
  return IDENTIFIER.test(name) ? name : FALLBACK;
}

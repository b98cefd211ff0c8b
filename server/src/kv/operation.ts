/** What Cloudflare's texts call an operation; part of many messages. */
export type Operation =
  | 'get namespace'
  | 'list namespaces'
  | 'create namespace'
  | 'rename namespace'
  | 'remove namespace'
  | 'list keys'
  | 'get'
  | 'put'
  | 'remove key'
  | 'metadata'
  | 'bulk put'
  | 'bulk get keys'
  | 'bulk remove keys'
  | 'export'
  | 'count'
  | 'import';

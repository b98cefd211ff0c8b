/**
 * Node's HTTP server, not by `import`: to list the names of `node:http` for an import, Node loads its WebSocket client
 * too, which takes 25 ms of a start and some megabytes.
 */
export const { createServer } = process.getBuiltinModule('node:http');

/** The same with TLS, loaded only where it is spoken. */
export function createSecureServer(...parameters: Parameters<SecureModule['createServer']>): SecureServer {
  return process.getBuiltinModule('node:https').createServer(...parameters);
}

type SecureModule = typeof import('node:https');
type SecureServer = ReturnType<SecureModule['createServer']>;

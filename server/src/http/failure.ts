/** From whatever was thrown to the error that a client gets. */
import { EngineError } from '../kv/engine.ts';
import { fault, KvError, kvError } from '../kv/errors.ts';
import { LIMITS } from '../kv/limits.ts';

/** The error for a path that leads nowhere; Cloudflare always answers it with two. */
export function routeNotFound(path: string): KvError {
  return new KvError([fault('routeNotFound', { path }), fault('noRouteForUri')]);
}

/** Undefined for a defect: what nobody threw on purpose. */
export function asKvError(error: unknown): KvError | undefined {
  if (error instanceof KvError) return error;
  return error instanceof EngineError ? fromEngine(error) : undefined;
}

function fromEngine({ reason, message }: EngineError): KvError | undefined {
  switch (reason) {
    case 'namespaceMissing':
      return kvError('namespaceNotFound');
    case 'titleTaken':
      return kvError('titleTaken');
    case 'idTaken':
      return kvError('namespaceIdTaken');
    case 'accountFull':
      return kvError('tooManyNamespaces', { limit: LIMITS.namespacesPerAccount });
    case 'tokenTaken':
      return undefined;
    case 'tokensFull':
      return kvError('tooManyTokens', { limit: LIMITS.tokens });
    case 'tokenMissing':
      return kvError('tokenNotFound');
    case 'valuesTooLarge':
      return kvError('bulkGetTooLarge');
    case 'tooManyScans':
      return kvError('tooManyScans', { limit: LIMITS.scans });
    case 'scanEnded':
      return kvError('scanEnded');
    case 'storageFull':
      return kvError('storageFull');
    case 'unavailable':
      return kvError('engineUnavailable', { reason: message });
  }
}

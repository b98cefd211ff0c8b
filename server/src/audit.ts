/** Lines in the log that tell who has changed namespaces and tokens, and who has deleted or moved many pairs at once. */
import type { Logger } from 'pino';

export type AuditAction =
  | 'namespace.create'
  | 'namespace.rename'
  | 'namespace.delete'
  | 'token.create'
  | 'token.revoke'
  | 'root-token.set'
  | 'root-token.reset'
  | 'pairs.bulk-delete'
  | 'pairs.clear'
  | 'pairs.move';

export interface AuditEntry {
  readonly audit: AuditAction;
  /** Who: the token, or without an id the way that needs none. */
  readonly by: { readonly id?: string; readonly name: string };
  /** What: the ids that say where it was. */
  readonly account?: string | undefined;
  readonly namespace?: string;
  /** Where pairs were moved to. */
  readonly to?: { readonly account: string; readonly namespace: string };
  readonly token?: { readonly id: string; readonly name?: string };
  /** Of namespaces, tokens or keys. */
  readonly count: number;
  /** Of the request, as its answer has it in `CF-Ray`. */
  readonly reqId?: string;
}

/** To be called when the change is durable. */
export type Audit = (entry: AuditEntry) => void;

export function auditTo(log: Logger): Audit {
  return entry => log.info(entry, 'audit');
}

/** What a token is good for. */
import type { NamespaceAddress } from './engine.ts';

/** A token without limits is good for everything. */
export interface Scope {
  /** Good for this account alone. */
  readonly account?: string;
  /** Good for the pairs of these namespaces of the account alone; not for the namespaces themselves. */
  readonly namespaces?: readonly string[];
  /** Changes nothing. */
  readonly readOnly?: true;
}

/** Whether namespaces of the account may be listed, made, renamed and deleted. */
export function coversAccount({ account, namespaces }: Scope, asked: string): boolean {
  return namespaces === undefined && (account === undefined || account === asked);
}

/** Whether the namespace may be looked at, and its pairs read and changed. */
export function coversNamespace({ account, namespaces }: Scope, asked: NamespaceAddress): boolean {
  return (account === undefined || account === asked.account) && (namespaces?.includes(asked.id) ?? true);
}

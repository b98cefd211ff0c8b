import type { Namespace } from '../../kv/engine.ts';

/** A namespace as its table has it. */
export interface NamespaceRow {
  readonly id: string;
  readonly title: string;
  readonly jurisdiction: string | null;
}

export function namespaceFromRow({ id, title, jurisdiction }: NamespaceRow): Namespace {
  return jurisdiction === null ? { id, title } : { id, title, jurisdiction };
}

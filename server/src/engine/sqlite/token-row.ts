import type { StoredToken } from '../../kv/engine.ts';

/** A token as its table has it. */
export interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly hash: Buffer;
  readonly created: number;
  readonly account: string | null;
  /** A JSON array of ids. */
  readonly namespaces: string | null;
}

export function tokenFromRow({ created, account, namespaces, ...rest }: TokenRow): StoredToken {
  return {
    ...rest,
    createdAt: created,
    ...(account === null ? undefined : { account }),
    ...(namespaces === null ? undefined : { namespaces: JSON.parse(namespaces) }),
  };
}

import type { StoredToken } from '../../kv/engine.ts';

/** The columns that a token is made of. */
export const TOKEN_COLUMNS =
  'id, name, hash, created, account, namespaces, read_only, expires, requests_per_second, bytes_per_day, last_used';

/** A token as its table has it. */
export interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly hash: Uint8Array;
  readonly created: number;
  readonly account: string | null;
  /** A JSON array of ids. */
  readonly namespaces: string | null;
  readonly read_only: 0 | 1;
  readonly expires: number | null;
  readonly requests_per_second: number | null;
  readonly bytes_per_day: number | null;
  readonly last_used: number | null;
}

export function tokenFromRow(row: TokenRow): StoredToken {
  const { id, name, hash, created, account, namespaces } = row;
  return {
    id,
    name,
    hash,
    createdAt: created,
    ...(account !== null && { account }),
    ...(namespaces !== null && { namespaces: JSON.parse(namespaces) }),
    ...(row.read_only === 1 && { readOnly: true }),
    ...(row.expires !== null && { expiresAt: row.expires }),
    ...(row.requests_per_second !== null && { requestsPerSecond: row.requests_per_second }),
    ...(row.bytes_per_day !== null && { bytesPerDay: row.bytes_per_day }),
    ...(row.last_used !== null && { lastUsedAt: row.last_used }),
  };
}

export function tokenToRow(token: StoredToken): TokenRow {
  const { id, name, hash, createdAt, namespaces } = token;
  return {
    id,
    name,
    hash,
    created: createdAt,
    account: token.account ?? null,
    namespaces: namespaces === undefined ? null : JSON.stringify(namespaces),
    read_only: token.readOnly === undefined ? 0 : 1,
    expires: token.expiresAt ?? null,
    requests_per_second: token.requestsPerSecond ?? null,
    bytes_per_day: token.bytesPerDay ?? null,
    last_used: token.lastUsedAt ?? null,
  };
}

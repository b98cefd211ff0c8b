/** Who a token belongs to. Only hashes are stored, and every look-up asks the engine anew. */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Engine } from './kv/engine.ts';
import type { Scope } from './kv/permissions.ts';

export interface Principal extends Scope {
  /** 32 hexadecimal digits, the same as long as the token is; says nothing about it. */
  readonly id: string;
  readonly name: string;
}

type TokenStore = Pick<Engine, 'rootTokenHash' | 'findToken'>;

export class Tokens {
  readonly #store: TokenStore;

  constructor(store: TokenStore) {
    this.#store = store;
  }

  /** Whose token this is, or undefined where it is nobody's. */
  async verify(token: string): Promise<Principal | undefined> {
    const tokenHash = hashToken(token);
    const root = await this.#store.rootTokenHash();
    if (root !== undefined && timingSafeEqual(tokenHash, root)) return { id: principalId(root), name: 'root' };
    const found = await this.#store.findToken(tokenHash);
    if (found === undefined) return undefined;
    const { hash: _, ...principal } = found;
    return principal;
  }
}

const TOKEN_BYTES = 32;
const PRINCIPAL_ID_DIGITS = 32;

/** A new token: 43 base64url characters. */
export function mintToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** SHA-256. Enough for minted tokens, which cannot be guessed; a token given by the operator has to be long. */
export function hashToken(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}

/** Hashed once more, because ids may be shown and logged. */
function principalId(tokenHash: Uint8Array): string {
  return hash('sha256', tokenHash).slice(0, PRINCIPAL_ID_DIGITS);
}

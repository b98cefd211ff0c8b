/** Who a token belongs to. Only hashes are stored, and every look-up asks the engine anew. */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Engine } from './kv/engine.ts';
import { LIMITS } from './kv/limits.ts';
import type { Scope } from './kv/permissions.ts';

export interface Principal extends Scope {
  /** 32 hexadecimal digits, the same as long as the token is; says nothing about it. */
  readonly id: string;
  readonly name: string;
}

type TokenStore = Pick<Engine, 'rootTokenHash' | 'findToken'>;

export class Tokens {
  readonly #store: TokenStore;
  /** Of tokens that were good once. Whether they still are, the store is asked every time. */
  readonly #hashes = new Map<string, Buffer>();
  #root: { readonly hash: Uint8Array; readonly principal: Principal } | undefined;

  constructor(store: TokenStore) {
    this.#store = store;
  }

  /** Whose token this is, or undefined where it is nobody's. */
  async verify(token: string): Promise<Principal | undefined> {
    const tokenHash = this.#hashes.get(token) ?? hashToken(token);
    const principal = await this.#principalOf(tokenHash);
    if (principal !== undefined) this.#keep(token, tokenHash);
    return principal;
  }

  async #principalOf(tokenHash: Buffer): Promise<Principal | undefined> {
    const root = await this.#store.rootTokenHash();
    if (root !== undefined && timingSafeEqual(tokenHash, root)) return this.#rootPrincipal(root);
    const found = await this.#store.findToken(tokenHash);
    if (found === undefined) return undefined;
    const { hash: _, ...principal } = found;
    return principal;
  }

  #rootPrincipal(hash: Uint8Array): Principal {
    if (this.#root?.hash !== hash) this.#root = { hash, principal: { id: principalId(hash), name: 'root' } };
    return this.#root.principal;
  }

  #keep(token: string, tokenHash: Buffer): void {
    if (this.#hashes.has(token)) return;
    if (this.#hashes.size >= LIMITS.tokenHashesKept) this.#hashes.clear();
    this.#hashes.set(token, tokenHash);
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

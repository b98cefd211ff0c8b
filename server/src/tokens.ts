/** Who a token belongs to. Only hashes are stored, and every look-up asks the engine anew. */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Engine } from './kv/engine.ts';

export interface Principal {
  /** 32 hexadecimal digits, the same as long as the token is; says nothing about it. */
  readonly id: string;
  readonly name: 'root';
}

export class Tokens {
  readonly #engine: Pick<Engine, 'rootTokenHash'>;

  constructor(engine: Pick<Engine, 'rootTokenHash'>) {
    this.#engine = engine;
  }

  /** Whose token this is, or undefined where it is nobody's. */
  async verify(token: string): Promise<Principal | undefined> {
    const stored = await this.#engine.rootTokenHash();
    if (stored === undefined || !timingSafeEqual(hashToken(token), stored)) return undefined;
    return { id: principalId(stored), name: 'root' };
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

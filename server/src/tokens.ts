/** Who a token belongs to. Only hashes are stored, and every look-up asks the engine anew. */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock, Engine, StoredToken } from './kv/engine.ts';
import { LIMITS } from './kv/limits.ts';
import type { Scope } from './kv/permissions.ts';
import { hasExpired, type TokenGrant } from './kv/token-grant.ts';
import { TokenMeter } from './kv/token-meter.ts';

export interface Principal extends Scope {
  /** 32 hexadecimal digits, the same as long as the token is; says nothing about it. */
  readonly id: string;
  readonly name: string;
  /** Whether it is the root token, which alone may see, make and revoke tokens. */
  readonly root?: true;
  /** Seconds since the Unix epoch. */
  readonly expiresAt?: number;
  /** Counts its use, where that is limited. */
  readonly meter?: TokenMeter;
}

/** Not the root token: who makes tokens has to show one, also where nobody else has to. */
const EVERYBODY: Principal = { id: '0'.repeat(32), name: 'everybody' };

type TokenStore = Pick<Engine, 'rootTokenHash' | 'findToken' | 'touchToken'>;

export class Tokens {
  readonly #store: TokenStore;
  readonly #clock: Clock;
  /** Of tokens that were good once. Whether they still are, the store is asked every time. */
  readonly #hashes = new Map<string, Buffer>();
  /** For as long as the store gives the same object. */
  readonly #principals = new WeakMap<StoredToken, Principal>();
  readonly #meters = new Map<string, TokenMeter>();
  #root: { readonly hash: Uint8Array; readonly principal: Principal } | undefined;
  /** Since when the uses in `#touched` were. */
  #touchedSince = 0;
  readonly #touched = new Set<string>();

  /** Who everybody is, where nobody has to say so; undefined where tokens are asked for. */
  readonly everybody: Principal | undefined;

  constructor(store: TokenStore, clock: Clock, { noAuth = false }: { readonly noAuth?: boolean | undefined } = {}) {
    this.#store = store;
    this.#clock = clock;
    this.everybody = noAuth ? EVERYBODY : undefined;
  }

  /** Whose token this is, or undefined where it is nobody's, or not any more. */
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
    const now = this.#clock();
    if (found === undefined || hasExpired(found, now)) return undefined;
    this.#touch(found, now);
    return this.#principals.get(found) ?? this.#newPrincipal(found);
  }

  #rootPrincipal(hash: Uint8Array): Principal {
    if (this.#root?.hash !== hash) {
      this.#root = { hash, principal: { id: principalId(hash), name: 'root', root: true } };
    }
    return this.#root.principal;
  }

  #newPrincipal(found: StoredToken): Principal {
    const { hash: _, requestsPerSecond, bytesPerDay, ...rest } = found;
    const limited = requestsPerSecond !== undefined || bytesPerDay !== undefined;
    const principal = limited ? { ...rest, meter: this.#meterOf(found) } : rest;
    this.#principals.set(found, principal);
    return principal;
  }

  /** The same whenever the token is read again. */
  #meterOf(token: StoredToken): TokenMeter {
    const known = this.#meters.get(token.id);
    if (known !== undefined) return known;
    const [first] = this.#meters.keys();
    if (first !== undefined && this.#meters.size >= LIMITS.tokenMetersKept) this.#meters.delete(first);
    const meter = new TokenMeter(token, this.#clock);
    this.#meters.set(token.id, meter);
    return meter;
  }

  /** Once an hour at most: what is written must not grow with what is read. */
  #touch({ id, lastUsedAt = 0 }: StoredToken, now: number): void {
    const usedAt = now - (now % LIMITS.tokenUseSeconds);
    if (this.#touchedSince !== usedAt) this.#touched.clear();
    this.#touchedSince = usedAt;
    if (this.#touched.has(id)) return;
    this.#touched.add(id);
    // Nobody waits for it, and a disk that is full is no reason to refuse a request.
    if (lastUsedAt < usedAt) this.#store.touchToken(id, usedAt).catch(() => {});
  }

  #keep(token: string, tokenHash: Buffer): void {
    if (this.#hashes.has(token)) return;
    if (this.#hashes.size >= LIMITS.tokenHashesKept) this.#hashes.clear();
    this.#hashes.set(token, tokenHash);
  }
}

const TOKEN_BYTES = 32;
const TOKEN_ID_BYTES = 16;
const PRINCIPAL_ID_DIGITS = 32;

/** A new token: 43 base64url characters. */
export function mintToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** A new token and what is to be stored of it. */
export function newToken(grant: TokenGrant, createdAt: number): { token: string; stored: StoredToken } {
  const token = mintToken();
  const id = randomBytes(TOKEN_ID_BYTES).toString('hex');
  return { token, stored: { ...grant, id, hash: hashToken(token), createdAt } };
}

/** Stores a new token, in the place of those that expired long ago. Rejects as `Engine.createToken` does. */
export function storeToken(engine: Engine, stored: StoredToken): Promise<void> {
  const expiredBefore = stored.createdAt - LIMITS.expiredTokenSeconds;
  return engine.createToken(stored, { tokensMax: LIMITS.tokens, expiredBefore });
}

/** SHA-256. Enough for minted tokens, which cannot be guessed; a token given by the operator has to be long. */
export function hashToken(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}

/** Hashed once more, because ids may be shown and logged. */
function principalId(tokenHash: Uint8Array): string {
  return hash('sha256', tokenHash).slice(0, PRINCIPAL_ID_DIGITS);
}

/** Tokens as every request needs them: kept in memory for as long as nothing was committed. */
import type Database from 'better-sqlite3';
import type { StoredToken } from '../../kv/engine.ts';
import { SQLITE } from './constants.ts';
import { type TokenRow, tokenFromRow } from './token-row.ts';

export const TOKEN = 'SELECT id, name, hash, created, account, namespaces FROM tokens WHERE hash = ?';

export class TokenReader {
  readonly #selectRoot: Database.Statement<[], Buffer>;
  readonly #select: Database.Statement<[hash: Uint8Array], TokenRow>;
  readonly #found = new Map<string, StoredToken>();
  #root: Uint8Array | undefined;
  #commits: number | undefined;

  constructor(database: Database.Database) {
    this.#selectRoot = database.prepare<[], Buffer>("SELECT value FROM settings WHERE name = 'rootTokenHash'").pluck();
    this.#select = database.prepare(TOKEN);
  }

  /** `commits` is the count at which the snapshot is the latest. */
  rootHash(commits: number): Uint8Array | undefined {
    this.#keepOnlyAt(commits);
    return this.#root;
  }

  find(hash: Uint8Array, commits: number): StoredToken | undefined {
    this.#keepOnlyAt(commits);
    const name = Buffer.from(hash).toString('latin1');
    const known = this.#found.get(name);
    if (known !== undefined) return known;
    const row = this.#select.get(hash);
    if (row === undefined) return undefined;
    const token = tokenFromRow(row);
    if (this.#found.size >= SQLITE.tokensKept) this.#found.clear();
    this.#found.set(name, token);
    return token;
  }

  #keepOnlyAt(commits: number): void {
    if (this.#commits === commits) return;
    // Read first: should that fail, what was kept is not taken for what there is now.
    const root = this.#selectRoot.get();
    this.#found.clear();
    this.#root = root;
    this.#commits = commits;
  }
}

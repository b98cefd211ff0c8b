/** Tokens as every request needs them: kept in memory for as long as nothing is committed. */
import type Database from 'better-sqlite3';
import type { StoredToken, TokenPage } from '../../kv/engine.ts';
import { SQLITE } from './constants.ts';
import { Kept } from './kept.ts';
import { TOKEN_COLUMNS, type TokenRow, tokenFromRow } from './token-row.ts';

export const TOKEN = `SELECT ${TOKEN_COLUMNS} FROM tokens WHERE hash = ?`;

export class TokenReader {
  readonly #selectRoot: Database.Statement<[], Buffer>;
  readonly #select: Database.Statement<[hash: Uint8Array], TokenRow>;
  readonly #selectPage: Database.Statement<[limit: number, offset: number], TokenRow>;
  readonly #count: Database.Statement<[], number>;
  readonly #root = new Kept<Uint8Array>(1);
  readonly #found = new Kept<StoredToken>(SQLITE.tokensKept);

  constructor(database: Database.Database) {
    this.#selectRoot = database.prepare<[], Buffer>("SELECT value FROM settings WHERE name = 'rootTokenHash'").pluck();
    this.#select = database.prepare(TOKEN);
    this.#selectPage = database.prepare(`SELECT ${TOKEN_COLUMNS} FROM tokens ORDER BY created, id LIMIT ? OFFSET ?`);
    this.#count = database.prepare<[], number>('SELECT count(*) FROM tokens').pluck();
  }

  /** `commits` is the count at which the snapshot is the latest. */
  rootHash(commits: number): Uint8Array | undefined {
    const known = this.#root.get('', commits);
    if (known !== undefined) return known;
    const root = this.#selectRoot.get();
    if (root !== undefined) this.#root.set('', root, commits);
    return root;
  }

  find(hash: Uint8Array, commits: number): StoredToken | undefined {
    const name = Buffer.from(hash).toString('latin1');
    const known = this.#found.get(name, commits);
    if (known !== undefined) return known;
    const row = this.#select.get(hash);
    if (row === undefined) return undefined;
    const token = tokenFromRow(row);
    this.#found.set(name, token, commits);
    return token;
  }

  page({ limit, offset }: TokenPage): { tokens: StoredToken[]; total: number } {
    return { tokens: this.#selectPage.all(limit, offset).map(tokenFromRow), total: this.#count.get() ?? 0 };
  }
}

/** Statements that change tokens, inside the writer's transaction. */
import type Database from 'better-sqlite3';
import { EngineError, type StoredToken } from '../../kv/engine.ts';
import { TOKEN_COLUMNS, type TokenRow, tokenToRow } from './token-row.ts';

export class TokenWriter {
  readonly #setRoot: Database.Statement<[hash: Uint8Array]>;
  readonly #insert: Database.Statement<[TokenRow]>;
  readonly #delete: Database.Statement<[id: string]>;
  readonly #touch: Database.Statement<[{ readonly id: string; readonly usedAt: number }]>;

  constructor(database: Database.Database) {
    this.#setRoot = database.prepare(`
      INSERT INTO settings (name, value) VALUES ('rootTokenHash', ?)
      ON CONFLICT (name) DO UPDATE SET value = excluded.value`);
    const values = TOKEN_COLUMNS.replace(/\w+/g, '@$&');
    this.#insert = database.prepare(`INSERT INTO tokens (${TOKEN_COLUMNS}) VALUES (${values}) ON CONFLICT DO NOTHING`);
    this.#delete = database.prepare('DELETE FROM tokens WHERE id = ?');
    this.#touch = database.prepare(
      'UPDATE tokens SET last_used = @usedAt WHERE id = @id AND (last_used IS NULL OR last_used < @usedAt)',
    );
  }

  setRootHash(hash: Uint8Array): void {
    this.#setRoot.run(hash);
  }

  /** Refuses, with an `EngineError`, where it changes nothing. */
  create(token: StoredToken): void {
    if (this.#insert.run(tokenToRow(token)).changes === 0) throw new EngineError('tokenTaken');
  }

  /** Refuses, with an `EngineError`, where it changes nothing. */
  revoke(id: string): void {
    if (this.#delete.run(id).changes === 0) throw new EngineError('tokenMissing');
  }

  touch(id: string, usedAt: number): void {
    this.#touch.run({ id, usedAt });
  }
}

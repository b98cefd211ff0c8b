/** Statements that change tokens, inside the writer's transaction. */
import type Database from 'better-sqlite3';
import { EngineError, type StoredToken, type TokenRoom } from '../../kv/engine.ts';
import { TOKEN_COLUMNS, type TokenRow, tokenToRow } from './token-row.ts';

export class TokenWriter {
  readonly #setRoot: Database.Statement<[hash: Uint8Array]>;
  readonly #insert: Database.Statement<[TokenRow]>;
  readonly #countKept: Database.Statement<[expiredBefore: number], number>;
  readonly #sweep: Database.Statement<[expiredBefore: number]>;
  readonly #delete: Database.Statement<[id: string]>;
  readonly #touch: Database.Statement<[{ readonly id: string; readonly usedAt: number }]>;

  constructor(database: Database.Database) {
    this.#setRoot = database.prepare(`
      INSERT INTO settings (name, value) VALUES ('rootTokenHash', ?)
      ON CONFLICT (name) DO UPDATE SET value = excluded.value`);
    const values = TOKEN_COLUMNS.replace(/\w+/g, '@$&');
    this.#insert = database.prepare(`INSERT INTO tokens (${TOKEN_COLUMNS}) VALUES (${values}) ON CONFLICT DO NOTHING`);
    this.#countKept = database
      .prepare<[number], number>('SELECT count(*) FROM tokens WHERE expires IS NULL OR expires >= ?')
      .pluck();
    this.#sweep = database.prepare('DELETE FROM tokens WHERE expires < ?');
    this.#delete = database.prepare('DELETE FROM tokens WHERE id = ?');
    this.#touch = database.prepare(
      'UPDATE tokens SET last_used = @usedAt WHERE id = @id AND (last_used IS NULL OR last_used < @usedAt)',
    );
  }

  setRootHash(hash: Uint8Array): void {
    this.#setRoot.run(hash);
  }

  /** Refuses, with an `EngineError`, where it changes nothing. */
  create(token: StoredToken, room?: TokenRoom): void {
    if (room !== undefined && (this.#countKept.get(room.expiredBefore) ?? 0) >= room.tokensMax) {
      throw new EngineError('tokensFull', `there are ${room.tokensMax} tokens, and may not be more: revoke some`);
    }
    if (this.#insert.run(tokenToRow(token)).changes === 0) throw new EngineError('tokenTaken');
    if (room !== undefined) this.#sweep.run(room.expiredBefore);
  }

  /** Refuses, with an `EngineError`, where it changes nothing. */
  revoke(id: string): void {
    if (this.#delete.run(id).changes === 0) throw new EngineError('tokenMissing');
  }

  touch(id: string, usedAt: number): void {
    this.#touch.run({ id, usedAt });
  }
}

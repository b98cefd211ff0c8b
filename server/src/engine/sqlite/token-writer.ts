/** Statements that change tokens, inside the writer's transaction. */
import type Database from 'better-sqlite3';
import { EngineError, type StoredToken } from '../../kv/engine.ts';

type TokenParameters = [
  hash: Uint8Array,
  id: string,
  name: string,
  created: number,
  account: string | null,
  namespaces: string | null,
];

export class TokenWriter {
  readonly #setRoot: Database.Statement<[hash: Uint8Array]>;
  readonly #insert: Database.Statement<TokenParameters>;

  constructor(database: Database.Database) {
    this.#setRoot = database.prepare(`
      INSERT INTO settings (name, value) VALUES ('rootTokenHash', ?)
      ON CONFLICT (name) DO UPDATE SET value = excluded.value`);
    this.#insert = database.prepare(`
      INSERT INTO tokens (hash, id, name, created, account, namespaces) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT DO NOTHING`);
  }

  setRootHash(hash: Uint8Array): void {
    this.#setRoot.run(hash);
  }

  /** Refuses, with an `EngineError`, where it changes nothing. */
  create({ hash, id, name, createdAt, account, namespaces }: StoredToken): void {
    const namespacesJson = namespaces === undefined ? null : JSON.stringify(namespaces);
    const { changes } = this.#insert.run(hash, id, name, createdAt, account ?? null, namespacesJson);
    if (changes === 0) throw new EngineError('tokenTaken');
  }
}

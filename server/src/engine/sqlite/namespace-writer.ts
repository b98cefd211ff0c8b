/** Statements that change namespaces, inside the writer's transaction. */
import type Database from 'better-sqlite3';
import { EngineError, type Namespace, type NamespaceAddress } from '../../kv/engine.ts';
import { type NamespaceRow, namespaceFromRow } from './namespace-row.ts';

/** Each method refuses, with an `EngineError`, before it changes anything. */
export class NamespaceWriter {
  readonly #number: Database.Statement<[account: string, id: string], number>;
  readonly #titleOwner: Database.Statement<[account: string, title: string], number>;
  readonly #count: Database.Statement<[account: string], number>;
  readonly #insert: Database.Statement<[account: string, id: string, title: string, jurisdiction: string | null]>;
  readonly #rename: Database.Statement<[title: string, number: number], NamespaceRow>;
  readonly #delete: Database.Statement<[number: number]>;
  readonly #reclaim: Database.Statement<[number: number]>;

  constructor(database: Database.Database) {
    this.#number = database
      .prepare<[string, string], number>('SELECT number FROM namespaces WHERE account = ? AND id = ?')
      .pluck();
    this.#titleOwner = database
      .prepare<[string, string], number>('SELECT number FROM namespaces WHERE account = ? AND title = ?')
      .pluck();
    this.#count = database.prepare<[string], number>('SELECT count(*) FROM namespaces WHERE account = ?').pluck();
    this.#insert = database.prepare('INSERT INTO namespaces (account, id, title, jurisdiction) VALUES (?, ?, ?, ?)');
    this.#rename = database.prepare(
      'UPDATE namespaces SET title = ? WHERE number = ? RETURNING id, title, jurisdiction',
    );
    this.#delete = database.prepare('DELETE FROM namespaces WHERE number = ?');
    this.#reclaim = database.prepare('INSERT INTO reclaim (namespace) VALUES (?)');
  }

  /** The internal number under which the pairs of a namespace lie. */
  number({ account, id }: NamespaceAddress): number {
    const number = this.#number.get(account, id);
    if (number === undefined) throw new EngineError('namespaceMissing');
    return number;
  }

  create(account: string, { id, title, jurisdiction }: Namespace, namespacesMax = Infinity): void {
    if (this.#number.get(account, id) !== undefined) throw new EngineError('idTaken');
    if (this.#titleOwner.get(account, title) !== undefined) throw new EngineError('titleTaken');
    if ((this.#count.get(account) ?? 0) >= namespacesMax) throw new EngineError('accountFull');
    this.#insert.run(account, id, title, jurisdiction ?? null);
  }

  rename(address: NamespaceAddress, title: string): Namespace {
    const number = this.number(address);
    const owner = this.#titleOwner.get(address.account, title);
    if (owner !== undefined && owner !== number) throw new EngineError('titleTaken');
    const row = this.#rename.get(title, number);
    if (row === undefined) throw new Error('a namespace vanished inside a transaction');
    return namespaceFromRow(row);
  }

  /** The pairs are out of reach from here on; maintenance removes them. */
  delete(address: NamespaceAddress): void {
    const number = this.number(address);
    this.#delete.run(number);
    this.#reclaim.run(number);
  }
}

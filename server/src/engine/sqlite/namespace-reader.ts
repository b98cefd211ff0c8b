/** Namespaces: which there are, and the number under which the pairs of one lie. */
import type Database from 'better-sqlite3';
import { EngineError, type Namespace, type NamespaceAddress, type NamespacePage } from '../../kv/engine.ts';
import { SQLITE } from './constants.ts';
import { Kept } from './kept.ts';
import { type NamespaceRow, namespaceFromRow } from './namespace-row.ts';

export const NAMESPACE = 'SELECT number, id, title, jurisdiction FROM namespaces WHERE account = ? AND id = ?';

export const ACCOUNTS_OF_NAMESPACE = 'SELECT account FROM namespaces WHERE id = ? ORDER BY account';

interface NumberedNamespace {
  readonly number: number;
  readonly namespace: Namespace;
}

type NumberedRow = NamespaceRow & { readonly number: number };
type PageStatement = Database.Statement<[account: string, limit: number, offset: number], NamespaceRow>;

/**
 * What every request with pairs asks for is kept in memory for as long as nothing is committed. `commits` is the count
 * at which the snapshot is the latest.
 */
export class NamespaceReader {
  readonly #select: Database.Statement<[account: string, id: string], NumberedRow>;
  readonly #selectAccounts: Database.Statement<[id: string], string>;
  readonly #selectAllAccounts: Database.Statement<[], string>;
  readonly #count: Database.Statement<[account: string], number>;
  readonly #pages: Record<`${NamespacePage['order']} ${NamespacePage['direction']}`, PageStatement>;
  readonly #found = new Kept<NumberedNamespace>(SQLITE.namespacesKept);
  readonly #accounts = new Kept<readonly string[]>(SQLITE.namespacesKept);

  constructor(database: Database.Database) {
    const page = (order: string): PageStatement =>
      database.prepare(
        `SELECT id, title, jurisdiction FROM namespaces WHERE account = ? ORDER BY ${order} LIMIT ? OFFSET ?`,
      );
    this.#select = database.prepare(NAMESPACE);
    this.#selectAccounts = database.prepare<[string], string>(ACCOUNTS_OF_NAMESPACE).pluck();
    this.#selectAllAccounts = database
      .prepare<[], string>('SELECT DISTINCT account FROM namespaces ORDER BY account')
      .pluck();
    this.#count = database.prepare<[string], number>('SELECT count(*) FROM namespaces WHERE account = ?').pluck();
    this.#pages = {
      'id asc': page('id ASC'),
      'id desc': page('id DESC'),
      'title asc': page('title ASC'),
      'title desc': page('title DESC'),
    };
  }

  /** Throws where there is no such namespace. */
  find({ account, id }: NamespaceAddress, commits: number): NumberedNamespace {
    const name = `${account}/${id}`;
    const known = this.#found.get(name, commits);
    if (known !== undefined) return known;
    const row = this.#select.get(account, id);
    if (row === undefined) throw new EngineError('namespaceMissing');
    const found = { number: row.number, namespace: namespaceFromRow(row) };
    this.#found.set(name, found, commits);
    return found;
  }

  accountsOf(id: string, commits: number): readonly string[] {
    const known = this.#accounts.get(id, commits);
    if (known !== undefined) return known;
    const accounts = this.#selectAccounts.all(id);
    this.#accounts.set(id, accounts, commits);
    return accounts;
  }

  page(
    account: string,
    { order, direction, limit, offset }: NamespacePage,
  ): { namespaces: Namespace[]; total: number } {
    const rows = this.#pages[`${order} ${direction}`].all(account, limit, offset);
    return { namespaces: rows.map(namespaceFromRow), total: this.#count.get(account) ?? 0 };
  }

  accounts(): string[] {
    return this.#selectAllAccounts.all();
  }
}

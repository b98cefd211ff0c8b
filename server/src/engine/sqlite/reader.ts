/** Reading, on a connection of the calling thread. Every statement is finished when its method returns. */
import type Database from 'better-sqlite3';
import {
  type Clock,
  EngineError,
  type KeyPage,
  type ListedKey,
  type Namespace,
  type NamespaceAddress,
  type NamespacePage,
  type StoredPair,
  type StoredToken,
} from '../../kv/engine.ts';
import type { CommitCount } from './commit-count.ts';
import { keyRange } from './key-range.ts';
import { type NamespaceRow, namespaceFromRow } from './namespace-row.ts';
import { TokenReader } from './token-reader.ts';
import { TurnSnapshot } from './turn-snapshot.ts';

// The namespace is found by a subquery, in the same statement: with a join this takes three times as long. A cast to
// text spares a buffer.
const NUMBER = '(SELECT number FROM namespaces WHERE account = ? AND id = ?)';

export const GET = `
  SELECT value, CAST(metadata AS TEXT), expires
  FROM pairs
  WHERE namespace = ${NUMBER} AND key = ? AND (expires IS NULL OR expires > ?)`;

export const LIST = `
  SELECT CAST(key AS TEXT), CAST(metadata AS TEXT), expires
  FROM pairs
  WHERE namespace = ${NUMBER} AND key >= ? AND key < ? AND (expires IS NULL OR expires > ?)
  ORDER BY key LIMIT ?`;

export const ACCOUNTS_OF_NAMESPACE = 'SELECT account FROM namespaces WHERE id = ? ORDER BY account';

type GetParameters = [account: string, id: string, key: Buffer, now: number];
type GetRow = [value: Buffer, metadata: string | null, expires: number | null];
type ListParameters = [account: string, id: string, from: Buffer, before: Buffer, now: number, limit: number];
type ListRow = [key: string, metadata: string | null, expires: number | null];
type NamespacePageStatement = Database.Statement<[account: string, limit: number, offset: number], NamespaceRow>;

export class Reader {
  readonly #database: Database.Database;
  readonly #clock: Clock;
  readonly #snapshot: TurnSnapshot;
  readonly #tokens: TokenReader;
  readonly #namespace: Database.Statement<[account: string, id: string], NamespaceRow>;
  readonly #namespaceCount: Database.Statement<[account: string], number>;
  readonly #namespacePages: Record<`${NamespacePage['order']} ${NamespacePage['direction']}`, NamespacePageStatement>;
  readonly #accounts: Database.Statement<[], string>;
  readonly #accountsOfNamespace: Database.Statement<[id: string], string>;
  readonly #get: Database.Statement<GetParameters, GetRow>;
  readonly #list: Database.Statement<ListParameters, ListRow>;

  constructor(database: Database.Database, clock: Clock, commits: CommitCount) {
    const namespacePage = (order: string): NamespacePageStatement =>
      database.prepare(
        `SELECT id, title, jurisdiction FROM namespaces WHERE account = ? ORDER BY ${order} LIMIT ? OFFSET ?`,
      );
    this.#database = database;
    this.#clock = clock;
    this.#snapshot = new TurnSnapshot(database, commits);
    this.#tokens = new TokenReader(database);
    this.#namespace = database.prepare('SELECT id, title, jurisdiction FROM namespaces WHERE account = ? AND id = ?');
    this.#namespaceCount = database
      .prepare<[string], number>('SELECT count(*) FROM namespaces WHERE account = ?')
      .pluck();
    this.#namespacePages = {
      'id asc': namespacePage('id ASC'),
      'id desc': namespacePage('id DESC'),
      'title asc': namespacePage('title ASC'),
      'title desc': namespacePage('title DESC'),
    };
    this.#accounts = database.prepare<[], string>('SELECT DISTINCT account FROM namespaces ORDER BY account').pluck();
    this.#accountsOfNamespace = database.prepare<[string], string>(ACCOUNTS_OF_NAMESPACE).pluck();
    this.#get = database.prepare<GetParameters, GetRow>(GET).raw();
    this.#list = database.prepare<ListParameters, ListRow>(LIST).raw();
  }

  namespace(address: NamespaceAddress): Namespace {
    this.#snapshot.enter();
    return this.#existing(address);
  }

  /** Like all that is private here, in the snapshot that its caller has entered. */
  #existing({ account, id }: NamespaceAddress): Namespace {
    const row = this.#namespace.get(account, id);
    if (row === undefined) throw new EngineError('namespaceMissing');
    return namespaceFromRow(row);
  }

  namespaces(account: string, page: NamespacePage): { namespaces: Namespace[]; total: number } {
    this.#snapshot.enter();
    const rows = this.#namespacePages[`${page.order} ${page.direction}`].all(account, page.limit, page.offset);
    return { namespaces: rows.map(namespaceFromRow), total: this.#namespaceCount.get(account) ?? 0 };
  }

  accounts(): string[] {
    this.#snapshot.enter();
    return this.#accounts.all();
  }

  accountsOfNamespace(id: string): string[] {
    this.#snapshot.enter();
    return this.#accountsOfNamespace.all(id);
  }

  get(address: NamespaceAddress, key: string): StoredPair | undefined {
    this.#snapshot.enter();
    return this.#pair(address, key);
  }

  #pair(address: NamespaceAddress, key: string): StoredPair | undefined {
    const row = this.#get.get(address.account, address.id, Buffer.from(key), this.#clock());
    if (row === undefined) {
      this.#existing(address);
      return undefined;
    }
    const [value, metadata, expires] = row;
    return { value, ...details(metadata, expires) };
  }

  getMany(address: NamespaceAddress, keys: readonly string[], valueBytesMax: number): (StoredPair | undefined)[] {
    // Once for all of them, so that they are as of one instant.
    this.#snapshot.enter();
    if (keys.length === 0) this.#existing(address);
    let valueBytes = 0;
    return keys.map(key => {
      const pair = this.#pair(address, key);
      valueBytes += pair?.value.length ?? 0;
      if (valueBytes > valueBytesMax) throw new EngineError('valuesTooLarge');
      return pair;
    });
  }

  list(address: NamespaceAddress, page: KeyPage): { keys: ListedKey[]; complete: boolean } {
    this.#snapshot.enter();
    const { from, before } = keyRange(page.prefix, page.after);
    // One row beyond the page tells whether it is the last.
    const rows = this.#list.all(address.account, address.id, from, before, this.#clock(), page.limit + 1);
    if (rows.length === 0) this.#existing(address);
    const complete = rows.length <= page.limit;
    const shown = complete ? rows : rows.slice(0, page.limit);
    return { keys: shown.map(([key, metadata, expires]) => ({ key, ...details(metadata, expires) })), complete };
  }

  rootTokenHash(): Uint8Array | undefined {
    return this.#tokens.rootHash(this.#snapshot.enter());
  }

  token(hash: Uint8Array): StoredToken | undefined {
    return this.#tokens.find(hash, this.#snapshot.enter());
  }

  close(): void {
    this.#snapshot.end();
    this.#database.close();
  }
}

function details(metadata: string | null, expires: number | null): { metadata?: string; expiresAt?: number } {
  return {
    ...(metadata === null ? undefined : { metadata }),
    ...(expires === null ? undefined : { expiresAt: expires }),
  };
}

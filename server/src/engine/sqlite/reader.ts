/** Reading, on a connection of the calling thread. Every statement is finished when its method returns. */
import type Database from 'better-sqlite3';
import type {
  Clock,
  KeyListing,
  KeyPage,
  Namespace,
  NamespaceAddress,
  NamespacePage,
  StoredPair,
  StoredToken,
  TokenPage,
} from '../../kv/engine.ts';
import type { CommitCount } from './commit-count.ts';
import { KeyReader } from './key-reader.ts';
import type { Look } from './look.ts';
import { NamespaceReader } from './namespace-reader.ts';
import { PairReader } from './pair-reader.ts';
import { TokenReader } from './token-reader.ts';
import { TurnSnapshot } from './turn-snapshot.ts';

export class Reader {
  readonly #database: Database.Database;
  readonly #clock: Clock;
  readonly #snapshot: TurnSnapshot;
  readonly #tokens: TokenReader;
  readonly #namespaces: NamespaceReader;
  readonly #pairs: PairReader;
  readonly #keys: KeyReader;

  constructor(database: Database.Database, clock: Clock, commits: CommitCount) {
    this.#database = database;
    this.#clock = clock;
    this.#snapshot = new TurnSnapshot(database, commits);
    this.#tokens = new TokenReader(database);
    this.#namespaces = new NamespaceReader(database);
    this.#pairs = new PairReader(database);
    this.#keys = new KeyReader(database);
  }

  namespace(address: NamespaceAddress): Namespace {
    return this.#read(commits => this.#namespaces.find(address, commits).namespace);
  }

  namespaces(account: string, page: NamespacePage): { namespaces: Namespace[]; total: number } {
    return this.#read(() => this.#namespaces.page(account, page));
  }

  accounts(): string[] {
    return this.#read(() => this.#namespaces.accounts());
  }

  accountsOfNamespace(id: string): readonly string[] {
    return this.#read(commits => this.#namespaces.accountsOf(id, commits));
  }

  get(address: NamespaceAddress, key: string): StoredPair | undefined {
    return this.#lookInto(address, look => this.#pairs.get(look, key));
  }

  getMany(address: NamespaceAddress, keys: readonly string[], valueBytesMax: number): (StoredPair | undefined)[] {
    return this.#lookInto(address, look => this.#pairs.getMany(look, keys, valueBytesMax));
  }

  getTexts(address: NamespaceAddress, keys: readonly string[], valueBytesMax: number): Buffer {
    return this.#lookInto(address, look => this.#pairs.getTexts(look, keys, valueBytesMax));
  }

  list(address: NamespaceAddress, page: KeyPage): KeyListing {
    return this.#lookInto(address, look => this.#keys.list(look, page));
  }

  rootTokenHash(): Uint8Array | undefined {
    return this.#read(commits => this.#tokens.rootHash(commits));
  }

  token(hash: Uint8Array): StoredToken | undefined {
    return this.#read(commits => this.#tokens.find(hash, commits));
  }

  tokens(page: TokenPage): { tokens: StoredToken[]; total: number } {
    return this.#read(() => this.#tokens.page(page));
  }

  close(): void {
    this.#snapshot.end();
    this.#database.close();
  }

  #lookInto<Result>(address: NamespaceAddress, read: (look: Look) => Result): Result {
    return this.#read(commits => {
      const namespace = this.#namespaces.find(address, commits).number;
      return read({ namespace, now: this.#clock() });
    });
  }

  /** In the snapshot, which is not gone on with after an error. */
  #read<Result>(read: (commits: number) => Result): Result {
    const commits = this.#snapshot.enter();
    try {
      return read(commits);
    } catch (error) {
      this.#snapshot.end();
      throw error;
    }
  }
}

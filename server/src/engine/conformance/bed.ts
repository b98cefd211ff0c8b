/** What the tests of an engine stand on: fresh storage, an open engine, a clock that only the test moves. */
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type {
  Clock,
  Engine,
  EngineErrorReason,
  KeyListing,
  KeyPage,
  NamespaceAddress,
  StoredPair,
} from '../../kv/engine.ts';
import { type ListedKey, listedKeysJson } from '../../kv/listed-keys.ts';
import { packPairs } from '../../kv/puts.ts';
import { textsJson } from '../../kv/texts.ts';

interface EngineEnvironment<Storage> {
  readonly storage: Storage;
  readonly clock: Clock;
}

/** What an engine brings to be tested. `Storage` is whatever stands for its place on disk or in a cluster. */
export interface EngineHarness<Storage> {
  /** A place where nothing is stored yet. */
  createStorage(): Promise<Storage>;
  removeStorage(storage: Storage): Promise<void>;
  /** Called again with the same storage, after the engine on it was closed. */
  openEngine(environment: EngineEnvironment<Storage>): Promise<Engine>;
}

/** A pair as tests write it; a string stands for its UTF-8 bytes. */
export interface TestPair {
  readonly key: string;
  readonly value?: string | Uint8Array;
  readonly metadata?: string | undefined;
  readonly expiresAt?: number | undefined;
}

/** A pair as it was stored: its value in bytes, in whichever form the engine gave it. */
export type ReadPair = StoredPair & { readonly value: Buffer };

export interface ReadPage {
  readonly keys: ListedKey[];
  readonly complete: boolean;
}

/** Which page; in all else as `ANY_PAGE`. */
type PagePlace = Partial<Omit<KeyPage, 'metadataForm'>>;

export const START = 1_800_000_000;

export const ANY_PAGE: KeyPage = { prefix: '', after: '', limit: 1_000, metadataForm: 'text' };

export class Bed {
  now = START;
  #engine: Engine | undefined;
  readonly #open: (clock: Clock) => Promise<Engine>;

  constructor(open: (clock: Clock) => Promise<Engine>) {
    this.#open = open;
  }

  get engine(): Engine {
    if (this.#engine === undefined) throw new Error('the engine is not open');
    return this.#engine;
  }

  async open(): Promise<void> {
    this.#engine = await this.#open(() => this.now);
  }

  async reopen(): Promise<void> {
    await this.engine.close();
    await this.open();
  }

  /** A new namespace, in an account of its own unless one is named. */
  async namespace(account = randomId()): Promise<NamespaceAddress> {
    const id = randomId();
    await this.engine.createNamespace(account, { id, title: `title of ${id}` });
    return { account, id };
  }

  async put(address: NamespaceAddress, pairs: readonly TestPair[]): Promise<void> {
    const puts = packPairs(pairs.map(pair => ({ ...pair, value: Buffer.from(pair.value ?? '') })));
    expect(await this.engine.write(address, { puts })).toEqual({ failedKeys: [] });
  }

  async putOne(address: NamespaceAddress, pair: TestPair): Promise<void> {
    await this.engine.put(address, { ...pair, value: Buffer.from(pair.value ?? '') });
  }

  async delete(address: NamespaceAddress, deletes: readonly string[]): Promise<void> {
    expect(await this.engine.write(address, { deletes })).toEqual({ failedKeys: [] });
  }

  async get(address: NamespaceAddress, key: string): Promise<ReadPair | undefined> {
    return inBytes(await this.engine.get(address, key));
  }

  /** While nothing is written: their values are also read as texts, and have to be the same. */
  async getMany(
    address: NamespaceAddress,
    keys: readonly string[],
    valueBytesMax: number,
  ): Promise<(ReadPair | undefined)[]> {
    const pairs = (await this.engine.getMany(address, keys, valueBytesMax)).map(inBytes);
    const texts = await this.engine.getTexts(address, keys, valueBytesMax);
    const values = pairs.map(pair => pair?.value);
    expectBytes(texts, textsJson(keys, values));
    return pairs;
  }

  /** The value of a key as text. */
  async text(address: NamespaceAddress, key: string): Promise<string | undefined> {
    return (await this.engine.get(address, key))?.value.toString();
  }

  async list(address: NamespaceAddress, page: PagePlace = {}): Promise<ReadPage> {
    return readPage(await this.engine.list(address, { ...ANY_PAGE, ...page }));
  }

  /** Every listed key, page after page; none of the pages but a last may be empty, or the listing would not end. */
  async listAll(address: NamespaceAddress, page: PagePlace = {}): Promise<ListedKey[]> {
    const listed: ListedKey[] = [];
    for (let after = page.after ?? ''; ; ) {
      const { keys, complete } = await this.list(address, { ...page, after });
      listed.push(...keys);
      if (complete) return listed;
      const last = keys.at(-1);
      if (last === undefined) throw new Error('an empty page, though keys remain');
      after = last.key;
    }
  }

  async keys(address: NamespaceAddress, page: PagePlace = {}): Promise<string[]> {
    return (await this.listAll(address, page)).map(({ key }) => key);
  }
}

/** A bed that the tests of a section share, each keeping to namespaces of its own. */
export function useBed<Storage>(harness: EngineHarness<Storage>): () => Bed {
  let made: MadeBed;
  beforeAll(async () => {
    made = await makeBed(harness);
  });
  beforeEach(() => {
    made.bed.now = START;
  });
  afterAll(() => made.remove());
  return () => made.bed;
}

/** A bed for every test of a section. */
export function useFreshBed<Storage>(harness: EngineHarness<Storage>): () => Bed {
  let made: MadeBed;
  beforeEach(async () => {
    made = await makeBed(harness);
  });
  afterEach(() => made.remove());
  return () => made.bed;
}

interface MadeBed {
  readonly bed: Bed;
  readonly remove: () => Promise<void>;
}

async function makeBed<Storage>(harness: EngineHarness<Storage>): Promise<MadeBed> {
  const storage = await harness.createStorage();
  const bed = new Bed(clock => harness.openEngine({ storage, clock }));
  await bed.open();
  const remove = async () => {
    await bed.engine.close();
    await harness.removeStorage(storage);
  };
  return { bed, remove };
}

export function randomId(): string {
  return randomBytes(16).toString('hex');
}

export async function expectReason(promise: Promise<unknown>, reason: EngineErrorReason): Promise<void> {
  await expect(promise).rejects.toMatchObject({ name: 'EngineError', reason });
}

function inBytes(pair: StoredPair | undefined): ReadPair | undefined {
  return pair === undefined ? undefined : { ...pair, value: Buffer.from(pair.value) };
}

/** With metadata as text, which alone gives back what was sent. */
function readPage({ json, count, lastKey }: KeyListing): ReadPage {
  const listed: { name: string; expiration?: number; metadata?: string }[] = JSON.parse(json.toString());
  const keys = listed.map(({ name, expiration, metadata }) => ({
    key: name,
    ...(metadata !== undefined && { metadata }),
    ...(expiration !== undefined && { expiresAt: expiration }),
  }));
  expectBytes(json, Buffer.from(listedKeysJson(keys, 'text')));
  expect(count).toBe(keys.length);
  if (lastKey !== undefined) expect(lastKey).toBe(keys.at(-1)?.key);
  return { keys, complete: lastKey === undefined };
}

/** A character a byte, so that a difference can be read. */
export function expectBytes(actual: Buffer | undefined, expected: Buffer | undefined): void {
  if (actual === undefined || expected === undefined) expect(actual).toBe(expected);
  else if (!actual.equals(expected)) expect(actual.toString('latin1')).toBe(expected.toString('latin1'));
}

export function stored(pair: TestPair): ReadPair {
  const { metadata, expiresAt } = pair;
  return {
    value: Buffer.from(pair.value ?? ''),
    ...(metadata === undefined ? {} : { metadata }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

/** The order of keys that every listing has. */
export function compareUtf8(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

export function numberedKeys(count: number, prefix = 'key-'): string[] {
  return Array.from({ length: count }, (_, index) => prefix + String(index).padStart(6, '0'));
}

/** Tokens: made once, never changed, found by their hash. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { StoredToken } from '../../kv/engine.ts';
import {
  type Bed,
  type EngineHarness,
  expectReason,
  numberedKeys,
  randomId,
  START,
  useBed,
  useFreshBed,
} from './bed.ts';

export function describeTokens<Storage>(harness: EngineHarness<Storage>): void {
  describe('tokens', () => {
    const bed = useBed(harness);

    it.each(FORMS)('are found by their hash: %s', async (_, limits) => {
      const token = newToken(limits);
      await bed().engine.createToken(token);
      expect(await find(bed(), token.hash)).toStrictEqual(token);
    });

    it('take any name, more than once', async () => {
      const odd = ['', '\u0000', 'a\nb', '"\'`;--', '😀'.repeat(512), '__proto__', 'root', 'root'];
      for (const name of odd) {
        const token = newToken({ name });
        await bed().engine.createToken(token);
        expect(await find(bed(), token.hash)).toEqual(token);
      }
    });

    it('are not found by any other hash', async () => {
      const token = newToken();
      await bed().engine.createToken(token);
      const { hash } = token;
      const near = [hash.subarray(1), hash.subarray(0, -1), Buffer.concat([hash, Buffer.alloc(1)]), Buffer.alloc(0)];
      for (const other of [randomBytes(32), ...near, Buffer.from(token.id)]) {
        expect(await bed().engine.findToken(other)).toBeUndefined();
      }
    });

    it.each(['id', 'hash'] as const)('have an %s of their own, or are refused and change nothing', async member => {
      const token = newToken({ account: randomId() });
      const intruder = { ...newToken(), [member]: token[member] };
      await bed().engine.createToken(token);
      await expectReason(bed().engine.createToken(intruder), 'tokenTaken');
      await expectReason(bed().engine.createToken(token), 'tokenTaken');
      expect(await find(bed(), token.hash)).toEqual(token);
      expect(await find(bed(), intruder.hash)).toEqual(member === 'id' ? undefined : token);
      // What was taken of the refused one is free for another.
      await bed().engine.createToken({ ...intruder, [member]: newToken()[member] });
    });

    it('are made once, however many of them are made at once', async () => {
      const id = randomId();
      const tokens = numberedKeys(10).map(name => newToken({ id, name }));
      const attempts = await Promise.allSettled(tokens.map(token => bed().engine.createToken(token)));
      const found = await Promise.all(tokens.map(({ hash }) => find(bed(), hash)));
      const fulfilled = attempts.map(({ status }) => status === 'fulfilled');
      expect(fulfilled.filter(Boolean)).toHaveLength(1);
      expect(found).toEqual(tokens.map((token, index) => (fulfilled[index] ? token : undefined)));
    });

    it('do not change with the namespaces that they name', async () => {
      const address = await bed().namespace();
      const token = newToken({ account: address.account, namespaces: [address.id] });
      await bed().engine.createToken(token);
      await bed().engine.deleteNamespace(address);
      expect(await find(bed(), token.hash)).toEqual(token);
    });

    it('are none of the root token, whose hash is kept apart', async () => {
      const [token, root] = [newToken(), randomBytes(32)];
      await bed().engine.createToken(token);
      await bed().engine.setRootTokenHash(root);
      expect(await bed().engine.findToken(root)).toBeUndefined();
      expect(await find(bed(), token.hash)).toEqual(token);
      await bed().engine.createToken(newToken());
      expect(Buffer.from((await bed().engine.rootTokenHash()) ?? [])).toEqual(root);
    });
  });

  describe('tokens in storage opened again', () => {
    const bed = useFreshBed(harness);

    it('are there, and keep their ids and hashes taken', async () => {
      const tokens = FORMS.map(([, limits]) => newToken(limits));
      for (const token of tokens) await bed().engine.createToken(token);
      await bed().reopen();
      for (const token of tokens) {
        expect(await find(bed(), token.hash)).toStrictEqual(token);
        await expectReason(bed().engine.createToken({ ...newToken(), id: token.id }), 'tokenTaken');
        await expectReason(bed().engine.createToken({ ...newToken(), hash: token.hash }), 'tokenTaken');
      }
    });
  });
}

interface TestToken extends StoredToken {
  readonly hash: Buffer;
}

/** An empty list of namespaces is good for none of them, no list for all. */
const FORMS: readonly (readonly [form: string, limits: Partial<TestToken>])[] = [
  ['without limits', {}],
  ['of an account', { account: randomId() }],
  ['of namespaces, in their order', { account: randomId(), namespaces: ['b', 'a', randomId()] }],
  ['of very many namespaces', { account: randomId(), namespaces: numberedKeys(1_000, randomId().slice(6)) }],
  ['of no namespace', { account: randomId(), namespaces: [] }],
];

function newToken(given: Partial<TestToken> = {}): TestToken {
  return { id: randomId(), name: 'name', hash: randomBytes(32), createdAt: START, ...given };
}

/** The token with its hash in the form in which tests compare it. */
async function find({ engine }: Bed, hash: Uint8Array): Promise<TestToken | undefined> {
  const token = await engine.findToken(hash);
  return token === undefined ? undefined : { ...token, hash: Buffer.from(token.hash) };
}

/** Tokens: made once, never changed but for when they were used, found by their hash, listed, revoked. */
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

    it('are never more than there may be, however many are made at once', async () => {
      const { total } = await bed().engine.listTokens({ offset: 0, limit: 1 });
      const room = { tokensMax: total + 3, expiredBefore: 0 };
      const tokens = numberedKeys(10).map(name => newToken({ name }));
      const attempts = await Promise.allSettled(tokens.map(token => bed().engine.createToken(token, room)));
      expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
      const refused = newToken();
      await expectReason(bed().engine.createToken(refused, room), 'tokensFull');
      expect(await find(bed(), refused.hash)).toBeUndefined();
      const made = tokens.find((_, index) => attempts[index]?.status === 'fulfilled');
      await bed().engine.revokeToken(made?.id ?? '');
      await bed().engine.createToken(refused, room);
    });

    it('that expired before a time make room for new ones, and no others do', async () => {
      const expired = newToken({ expiresAt: START - 1 });
      const kept = [newToken({ expiresAt: START }), newToken({ expiresAt: START + 1 }), newToken()];
      for (const token of [expired, ...kept]) await bed().engine.createToken(token);
      const { total } = await bed().engine.listTokens({ offset: 0, limit: 1 });
      const next = newToken();
      // A refused one leaves them where they are.
      const noRoom = { tokensMax: total - 1, expiredBefore: START };
      await expectReason(bed().engine.createToken(next, noRoom), 'tokensFull');
      await expectReason(
        bed().engine.createToken({ ...next, id: expired.id }, { ...noRoom, tokensMax: total }),
        'tokenTaken',
      );
      expect(await find(bed(), expired.hash)).toEqual(expired);
      await bed().engine.createToken(next, { tokensMax: total, expiredBefore: START });
      expect(await find(bed(), expired.hash)).toBeUndefined();
      for (const token of [...kept, next]) expect(await find(bed(), token.hash)).toEqual(token);
    });

    it('do not change with the namespaces that they name', async () => {
      const address = await bed().namespace();
      const token = newToken({ account: address.account, namespaces: [address.id] });
      await bed().engine.createToken(token);
      await bed().engine.deleteNamespace(address);
      expect(await find(bed(), token.hash)).toEqual(token);
    });

    it('are found after they have expired, since to tell is not for the engine', async () => {
      const token = newToken({ expiresAt: START });
      await bed().engine.createToken(token);
      bed().now = START + 1;
      expect(await find(bed(), token.hash)).toEqual(token);
    });

    it('are not found once they are revoked, and none but them', async () => {
      const [revoked, other] = [newToken(), newToken()];
      for (const token of [revoked, other]) await bed().engine.createToken(token);
      expect(await find(bed(), revoked.hash)).toEqual(revoked);
      await bed().engine.revokeToken(revoked.id);
      expect(await find(bed(), revoked.hash)).toBeUndefined();
      expect(await find(bed(), other.hash)).toEqual(other);
    });

    it('are revoked once, by an id that there is', async () => {
      const token = newToken();
      await bed().engine.createToken(token);
      await expectReason(bed().engine.revokeToken(randomId()), 'tokenMissing');
      await expectReason(bed().engine.revokeToken(token.name), 'tokenMissing');
      await bed().engine.revokeToken(token.id);
      await expectReason(bed().engine.revokeToken(token.id), 'tokenMissing');
      expect(await find(bed(), token.hash)).toBeUndefined();
    });

    it('leave id and hash to others when they are revoked', async () => {
      const token = newToken();
      await bed().engine.createToken(token);
      await bed().engine.revokeToken(token.id);
      const next = { ...token, name: 'next' };
      await bed().engine.createToken(next);
      expect(await find(bed(), token.hash)).toEqual(next);
    });

    it('tell when they were last used, which only becomes later', async () => {
      const [token, other] = [newToken({ account: randomId(), readOnly: true }), newToken()];
      for (const each of [token, other]) await bed().engine.createToken(each);
      for (const [usedAt, lastUsedAt] of [
        [START + 10, START + 10],
        [START + 5, START + 10],
        [START + 20, START + 20],
      ] as const) {
        await bed().engine.touchToken(token.id, usedAt);
        expect(await find(bed(), token.hash)).toEqual({ ...token, lastUsedAt });
      }
      expect(await find(bed(), other.hash)).toEqual(other);
    });

    it('are not made by being used', async () => {
      const token = newToken();
      await bed().engine.touchToken(token.id, START);
      await bed().engine.createToken(token);
      await bed().engine.revokeToken(token.id);
      await bed().engine.touchToken(token.id, START);
      expect(await find(bed(), token.hash)).toBeUndefined();
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

  describe('a list of tokens', () => {
    const bed = useFreshBed(harness);

    it('is empty where there is only a root token', async () => {
      await bed().engine.setRootTokenHash(randomBytes(32));
      expect(await list(bed(), 0, 10)).toEqual({ tokens: [], total: 0 });
    });

    it('has them whole, in the order in which they were made, and those of one second in that of their ids', async () => {
      const tokens = FORMS.map(([, limits], index) =>
        newToken({ createdAt: START + Math.floor(index / 3), ...limits }),
      );
      for (const token of tokens.toReversed()) await bed().engine.createToken(token);
      const ordered = tokens.toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
      expect(await list(bed(), 0, 100)).toStrictEqual({ tokens: ordered, total: tokens.length });
    });

    it('comes in pages, of which one past the last is empty', async () => {
      const tokens = numberedKeys(7).map((name, index) => newToken({ name, createdAt: START + index }));
      for (const token of tokens) await bed().engine.createToken(token);
      for (const [offset, limit] of [
        [0, 3],
        [3, 3],
        [6, 3],
        [7, 3],
        [100, 1],
      ] as const) {
        expect(await list(bed(), offset, limit)).toEqual({ tokens: tokens.slice(offset, offset + limit), total: 7 });
      }
    });

    it('is without those that were revoked', async () => {
      const tokens = numberedKeys(3).map((name, index) => newToken({ name, createdAt: START + index }));
      for (const token of tokens) await bed().engine.createToken(token);
      await bed().engine.revokeToken(tokens[1]?.id ?? '');
      expect(await list(bed(), 0, 10)).toEqual({ tokens: [tokens[0], tokens[2]], total: 2 });
    });
  });

  describe('tokens in storage opened again', () => {
    const bed = useFreshBed(harness);

    it('are there with the time of their last use, or not there if they were revoked', async () => {
      const [used, revoked] = [newToken(), newToken()];
      for (const token of [used, revoked]) await bed().engine.createToken(token);
      await bed().engine.touchToken(used.id, START);
      await bed().engine.revokeToken(revoked.id);
      await bed().reopen();
      expect(await list(bed(), 0, 10)).toEqual({ tokens: [{ ...used, lastUsedAt: START }], total: 1 });
      expect(await find(bed(), revoked.hash)).toBeUndefined();
    });

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
  ['that changes nothing', { account: randomId(), readOnly: true }],
  ['with an end', { expiresAt: START + 86_400 }],
  ['with limits', { requestsPerSecond: 10, bytesPerDay: 2 ** 50 }],
  ['that was used', { lastUsedAt: START - 86_400 }],
  [
    'with all of it',
    {
      account: randomId(),
      namespaces: [randomId()],
      readOnly: true,
      expiresAt: START + 1,
      requestsPerSecond: 1,
      bytesPerDay: 1,
      lastUsedAt: START,
    },
  ],
];

function newToken(given: Partial<TestToken> = {}): TestToken {
  return { id: randomId(), name: 'name', hash: randomBytes(32), createdAt: START, ...given };
}

/** The token with its hash in the form in which tests compare it. */
async function find({ engine }: Bed, hash: Uint8Array): Promise<TestToken | undefined> {
  const token = await engine.findToken(hash);
  return token === undefined ? undefined : { ...token, hash: Buffer.from(token.hash) };
}

async function list({ engine }: Bed, offset: number, limit: number): Promise<{ tokens: TestToken[]; total: number }> {
  const { tokens, total } = await engine.listTokens({ offset, limit });
  return { tokens: tokens.map(token => ({ ...token, hash: Buffer.from(token.hash) })), total };
}

import { describe, expect, test } from 'vitest';
import type { StoredToken } from './kv/engine.ts';
import { hashToken, mintToken, newToken, Tokens } from './tokens.ts';

const NOW = 1_800_000_000;

function tokensWith(hash: Uint8Array | undefined, ...stored: StoredToken[]): Tokens {
  return new Tokens(
    {
      rootTokenHash: () => Promise.resolve(hash),
      findToken: sought => Promise.resolve(stored.find(token => Buffer.from(token.hash).equals(sought))),
      touchToken: () => Promise.resolve(),
    },
    () => NOW,
  );
}

test('a minted token has 43 base64url characters, and no two are the same', () => {
  const tokens = new Set(Array.from({ length: 1_000 }, mintToken));
  expect(tokens.size).toBe(1_000);
  for (const token of tokens) expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
});

test('the hash of a token is its SHA-256', () => {
  expect(hashToken('abc').toString('hex')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

describe('verify', () => {
  const token = mintToken();

  test('knows the root token, by an id that says nothing about it', async () => {
    const hash = hashToken(token);
    const principal = await tokensWith(hash).verify(token);
    expect(principal).toEqual({ id: expect.stringMatching(/^[0-9a-f]{32}$/), name: 'root', root: true });
    expect(hash.toString('hex')).not.toContain(principal?.id);
    expect(await tokensWith(hash).verify(token)).toEqual(principal);
  });

  test.each(['', `${token}x`, token.slice(1), mintToken()])('does not know %j', async other => {
    expect(await tokensWith(hashToken(token)).verify(other)).toBeUndefined();
  });

  test('knows nobody before there is a root token', async () => {
    expect(await tokensWith(undefined).verify('')).toBeUndefined();
  });

  test('knows a stored token, by its id, its name and what it is limited to', async () => {
    const id = 'a'.repeat(32);
    const limits = { account: 'b'.repeat(32), namespaces: ['c'.repeat(32)] };
    const stored = { id, name: 'worker', hash: hashToken(token), createdAt: 1, ...limits };
    const tokens = tokensWith(hashToken(mintToken()), stored);
    expect(await tokens.verify(token)).toEqual({ id, name: 'worker', createdAt: 1, ...limits });
    expect(await tokens.verify(mintToken())).toBeUndefined();
  });

  test('keeps nothing: a replaced token is unknown at once', async () => {
    let hash = hashToken(token);
    const tokens = new Tokens(
      {
        rootTokenHash: () => Promise.resolve(hash),
        findToken: () => Promise.resolve(undefined),
        touchToken: () => Promise.resolve(),
      },
      () => NOW,
    );
    expect(await tokens.verify(token)).toBeDefined();
    hash = hashToken(mintToken());
    expect(await tokens.verify(token)).toBeUndefined();
  });

  test.each([
    [NOW - 1, false],
    [NOW, false],
    [NOW + 1, true],
  ])('knows a token that expires at %d: %j', async (expiresAt, known) => {
    const { token, stored } = newToken({ name: 'passing', expiresAt }, NOW - 10);
    expect((await tokensWith(undefined, stored).verify(token)) !== undefined).toBe(known);
  });

  test('tells of a token all but its hash', async () => {
    const { token, stored } = newToken({ name: 'all', readOnly: true, expiresAt: NOW + 1 }, NOW);
    const { hash: _, ...rest } = stored;
    expect(await tokensWith(undefined, stored).verify(token)).toEqual(rest);
  });
});

describe('the use of a token', () => {
  const HOUR_START = 1_800_000_000;
  const { token, stored } = newToken({ name: 'used' }, 1);

  /** The times that are written down when the token is used at these. */
  async function touches(times: readonly number[], lastUsedAt?: number): Promise<number[]> {
    const noted: number[] = [];
    let now = 0;
    const found = lastUsedAt === undefined ? stored : { ...stored, lastUsedAt };
    const store = {
      rootTokenHash: () => Promise.resolve(hashToken('root')),
      findToken: () => Promise.resolve(found),
      touchToken: (id: string, usedAt: number) => {
        expect(id).toBe(stored.id);
        noted.push(usedAt);
        return Promise.reject(new Error('the disk is full'));
      },
    };
    const tokens = new Tokens(store, () => now);
    for (now of times) expect(await tokens.verify(token)).toBeDefined();
    return noted;
  }

  test('is written down once an hour, as the beginning of it', async () => {
    const times = [0, 1, 3_599, 3_600, 7_199, 7_200].map(seconds => HOUR_START + seconds);
    expect(await touches(times)).toEqual([0, 3_600, 7_200].map(seconds => HOUR_START + seconds));
  });

  test('is not written down where it is known already, or a later one', async () => {
    expect(await touches([HOUR_START + 10], HOUR_START)).toEqual([]);
    expect(await touches([HOUR_START + 10], HOUR_START + 3_600)).toEqual([]);
    expect(await touches([HOUR_START + 10], HOUR_START - 3_600)).toEqual([HOUR_START]);
  });
});

test('a token that is limited is counted on, however often it is read again', async () => {
  const { token, stored } = newToken({ name: 'limited', requestsPerSecond: 2 }, NOW);
  const store = {
    rootTokenHash: () => Promise.resolve(undefined),
    findToken: () => Promise.resolve({ ...stored }),
    touchToken: () => Promise.resolve(),
  };
  const tokens = new Tokens(store, () => NOW);
  const admit = async () => (await tokens.verify(token))?.meter?.admit();
  await admit();
  await admit();
  await expect(admit()).rejects.toThrow('tokenRateExceeded');
});

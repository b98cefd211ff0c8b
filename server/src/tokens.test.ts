import { describe, expect, test } from 'vitest';
import type { StoredToken } from './kv/engine.ts';
import { hashToken, mintToken, Tokens } from './tokens.ts';

function tokensWith(hash: Uint8Array | undefined, ...stored: StoredToken[]): Tokens {
  return new Tokens({
    rootTokenHash: () => Promise.resolve(hash),
    findToken: sought => Promise.resolve(stored.find(token => Buffer.from(token.hash).equals(sought))),
  });
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
    expect(principal).toEqual({ id: expect.stringMatching(/^[0-9a-f]{32}$/), name: 'root' });
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
    const tokens = new Tokens({
      rootTokenHash: () => Promise.resolve(hash),
      findToken: () => Promise.resolve(undefined),
    });
    expect(await tokens.verify(token)).toBeDefined();
    hash = hashToken(mintToken());
    expect(await tokens.verify(token)).toBeUndefined();
  });
});

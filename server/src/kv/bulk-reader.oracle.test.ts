import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brokenBulk, goodBulk, notEmptyBulk, wildBulk } from './bulk-bodies.fixture.ts';
import { outcome, read, readImported } from './bulk-reader.fixture.ts';
import { oracle, type Verdict } from './bulk-reader.oracle.fixture.ts';
import { type ExpiryPolicy, resolveExpiry, resolveImportedExpiry } from './expiration.ts';

const RUNS = 3_000 * Number(process.env['FREEHOLD_TEST_RUNS'] ?? 1);

type Read = typeof readImported;

const READS: readonly (readonly [what: string, read: Read, policy: ExpiryPolicy])[] = [
  ['a bulk write', body => ({ pairs: read(body), expired: 0 }), resolveExpiry],
  ['an import', readImported, resolveImportedExpiry],
];

function verdict(read: Read, body: Uint8Array): Verdict {
  let expired = 0;
  const {
    pairs,
    faults = [],
    faultCount = 0,
  } = outcome(() => {
    const found = read(body);
    expired = found.expired;
    return found.pairs;
  });
  expect(faultCount).toBe(faults.length);
  if (pairs !== undefined) return { pairs, expired };
  return { faults: faults.map(({ name, item }) => `${item?.index ?? ''} ${name}`) };
}

describe.each(READS)('%s', (_, read, policy) => {
  it('without fault has the pairs that JSON.parse finds, however oddly it is written', () => {
    fc.assert(
      fc.property(goodBulk, body => {
        const bytes = Buffer.from(body);
        const expected = oracle(bytes, policy);
        expect(expected).toHaveProperty('pairs');
        expect(verdict(read, bytes)).toEqual(expected);
      }),
      { numRuns: RUNS },
    );
  });

  it('items of any form get the verdict of plain validation', () => {
    fc.assert(
      fc.property(wildBulk, body => {
        const bytes = Buffer.from(body);
        expect(verdict(read, bytes)).toEqual(oracle(bytes, policy));
      }),
      { numRuns: RUNS },
    );
  });

  it('bodies with bytes lost, added or changed get the verdict of JSON.parse', () => {
    fc.assert(
      fc.property(brokenBulk, bytes => {
        expect(verdict(read, bytes)).toEqual(oracle(bytes, policy));
      }),
      { numRuns: 2 * RUNS },
    );
  });

  it('a body cut short anywhere is refused', () => {
    fc.assert(
      fc.property(notEmptyBulk, fc.nat(), (body, place) => {
        const bytes = Buffer.from(body.trimEnd());
        expect(verdict(read, bytes.subarray(0, place % bytes.length))).toEqual({ faults: [' pairsMalformed'] });
      }),
      { numRuns: RUNS / 3 },
    );
  });
});

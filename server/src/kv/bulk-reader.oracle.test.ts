import fc from 'fast-check';
import { expect, it } from 'vitest';
import { brokenBulk, goodBulk, notEmptyBulk, wildBulk } from './bulk-bodies.fixture.ts';
import { outcome, read } from './bulk-reader.fixture.ts';
import { oracle, type Verdict } from './bulk-reader.oracle.fixture.ts';

const RUNS = 3_000 * Number(process.env['FREEHOLD_TEST_RUNS'] ?? 1);

function verdict(body: Uint8Array): Verdict {
  const { pairs, faults = [], faultCount = 0 } = outcome(() => read(body));
  expect(faultCount).toBe(faults.length);
  return pairs === undefined ? { faults: faults.map(({ name, item }) => `${item?.index ?? ''} ${name}`) } : { pairs };
}

it('a bulk without fault has the pairs that JSON.parse finds, however oddly it is written', () => {
  fc.assert(
    fc.property(goodBulk, body => {
      const bytes = Buffer.from(body);
      const expected = oracle(bytes);
      expect(expected).toHaveProperty('pairs');
      expect(verdict(bytes)).toEqual(expected);
    }),
    { numRuns: RUNS },
  );
});

it('items of any form get the verdict of plain validation', () => {
  fc.assert(
    fc.property(wildBulk, body => {
      const bytes = Buffer.from(body);
      expect(verdict(bytes)).toEqual(oracle(bytes));
    }),
    { numRuns: RUNS },
  );
});

it('bodies with bytes lost, added or changed get the verdict of JSON.parse', () => {
  fc.assert(
    fc.property(brokenBulk, bytes => {
      expect(verdict(bytes)).toEqual(oracle(bytes));
    }),
    { numRuns: 2 * RUNS },
  );
});

it('a body cut short anywhere is refused', () => {
  fc.assert(
    fc.property(notEmptyBulk, fc.nat(), (body, place) => {
      const bytes = Buffer.from(body.trimEnd());
      expect(verdict(bytes.subarray(0, place % bytes.length))).toEqual({ faults: [' pairsMalformed'] });
    }),
    { numRuns: RUNS / 3 },
  );
});

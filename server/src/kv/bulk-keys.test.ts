import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { finish, wholeText } from './arriving-text.fixture.ts';
import { readBulkKeys } from './bulk-keys.ts';
import { KvError } from './errors.ts';
import { keyFault } from './keys.ts';
import { LIMITS } from './limits.ts';

const RUNS = 500 * Number(process.env['FREEHOLD_TEST_RUNS'] ?? 1);

function read(text: string): string[] {
  return finish(readBulkKeys(wholeText(text)));
}

/** The keys, or the names of the faults. */
function outcome(reading: () => string[]): unknown {
  try {
    return reading();
  } catch (error) {
    if (!(error instanceof KvError)) throw error;
    return error.faults.map(({ name, item }) => `${name} ${item?.index}`);
  }
}

/** What JSON.parse and plain validation make of a body. */
function expected(text: string): unknown {
  let items: unknown;
  try {
    items = JSON.parse(text);
  } catch {
    return ['keysMalformed undefined'];
  }
  if (!Array.isArray(items)) return ['keysMalformed undefined'];
  const keys = items.map(item => (typeof item === 'string' ? item.toWellFormed() : undefined));
  const faults = keys.flatMap((key, index) => {
    const name = key === undefined ? 'memberInvalid' : keyFault(key)?.name;
    return name === undefined ? [] : [`${name} ${index}`];
  });
  return faults.length > 0 ? faults.slice(0, LIMITS.bulkFaultsListed) : [...new Set(keys)];
}

const key = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '.', '..', 'a', '\ud800', 'é'.repeat(257), '__proto__'),
);

/** JSON text with every character of a string as an escape. */
function inEscapes(item: unknown): string {
  if (typeof item !== 'string') return JSON.stringify(item);
  const units = Array.from({ length: item.length }, (_, index) => item.charCodeAt(index));
  return `"${units.map(unit => `\\u${unit.toString(16).padStart(4, '0')}`).join('')}"`;
}

describe('the keys of a bulk delete', () => {
  test('are those that JSON.parse finds, each once', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 9, arbitrary: key }, fc.jsonValue())), fc.boolean(), (items, plainly) => {
        const text = `[ ${items.map(item => (plainly ? JSON.stringify(item) : inEscapes(item))).join(' ,\n')}]`;
        expect(outcome(() => read(text))).toEqual(expected(text));
      }),
      { numRuns: RUNS },
    );
  });

  test('are refused in any text that JSON.parse refuses, and in no other', () => {
    const piece = fc.constantFrom('[', ']', '"a"', '"', ',', '\\', '{', '}', ':', '1', 'null', ' ', '\u0001', '"\\n"');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), pieces => {
        const text = pieces.join('');
        expect(outcome(() => read(text))).toEqual(expected(text));
      }),
      { numRuns: RUNS * 10 },
    );
  });

  test('may be as many as the limit, and no more', () => {
    const body = (count: number) => JSON.stringify(Array.from({ length: count }, (_, index) => `k${index}`));
    expect(read(body(LIMITS.bulkDeleteKeys))).toHaveLength(LIMITS.bulkDeleteKeys);
    expect(() => read(body(LIMITS.bulkDeleteKeys + 1))).toThrow('tooManyKeys');
  });

  test('too many of them that are faulty are too many', () => {
    expect(() => read(JSON.stringify(Array(LIMITS.bulkDeleteKeys + 1).fill(0)))).toThrow('tooManyKeys');
  });
});

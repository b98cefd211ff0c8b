import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allHold, parseWhere } from './where.ts';

function holds(condition: string, metadata: unknown): boolean {
  const parsed = parseWhere(condition);
  if (parsed === undefined) throw new Error(`${condition} is no condition`);
  return allHold([parsed])(metadata === undefined ? undefined : JSON.stringify(metadata));
}

describe('a condition', () => {
  it.each([
    ['metadata', [0, null, {}, ''], [undefined]],
    ['metadata.a', [{ a: 1 }, { a: null }, { a: false }], [undefined, 1, {}, { A: 1 }, ['a']]],
    ['metadata.a.b', [{ a: { b: [] } }], [{ a: 'b' }, { a: null }, { 'a.b': 1 }]],
    ['metadata[1]', [[1, null]], [[1], { 1: 'x' }, 'xyz']],
    ['metadata.tags[0][1]', [{ tags: [[1, 2]] }], [{ tags: [[1]] }, { tags: { 0: [1, 2] } }]],
    ['metadata["a.b"]["\\"=\\u0041"]', [{ 'a.b': { '"=A': 1 } }], [{ a: { b: 1 } }]],
    [
      'metadata.customer=42',
      [{ customer: 42 }, { customer: '42' }, { customer: 42.0 }],
      [{ customer: 43 }, {}, undefined],
    ],
    ['metadata.customer="42"', [{ customer: '42' }], [{ customer: 42 }, { customer: '"42"' }]],
    ['metadata.a=x=y', [{ a: 'x=y' }], [{ a: 'x' }]],
    ['metadata.a=', [{ a: '' }], [{ a: null }, {}]],
    ['metadata.a=null', [{ a: null }, { a: 'null' }], [{}, { a: 0 }, undefined]],
    ['metadata.a=true', [{ a: true }, { a: 'true' }], [{ a: 1 }]],
    ['metadata.a={"b": [1]}', [{ a: { b: [1.0] } }, { a: '{"b": [1]}' }], [{ a: { b: [1, 2] } }]],
    ['metadata=x', ['x'], [['x'], undefined]],
    ['metadata.tags[0]!=x', [{ tags: ['y'] }, { tags: [] }, undefined, 1], [{ tags: ['x'] }]],
    ['metadata.a!="1"', [{ a: 1 }], [{ a: '1' }]],
    ['metadata.a=line\nbreak', [{ a: 'line\nbreak' }], [{ a: 'line' }]],
    ['metadata.toString', [], [{}, { a: 1 }, 'text']],
    ['metadata.length', [], [[1], 'text']],
    ['metadata.__proto__', [], [{}]],
  ])('%s', (condition, taken, left) => {
    expect(taken.map(metadata => holds(condition, metadata))).toEqual(taken.map(() => true));
    expect(left.map(metadata => holds(condition, metadata))).toEqual(left.map(() => false));
  });

  it.each([
    '',
    'Metadata.a',
    'key=1',
    'metadata.',
    'metadata..a',
    'metadata.a b',
    'metadataa',
    'metadata[',
    'metadata[-1]',
    'metadata[x]',
    'metadata["x]',
    'metadata["\\x"]',
    'metadata.a!',
    'metadata.a!x',
    'metadata.a>1',
    'metadata.a="x',
    'metadata.a="x"y',
  ])('is none: %j', text => {
    expect(parseWhere(text)).toBeUndefined();
  });

  it('finds every part of any metadata by its way, and != is the opposite of =', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 3 }),
        fc.array(fc.nat(3), { maxLength: 3 }),
        fc.json(),
        (any, turns, other) => {
          const metadata = JSON.parse(JSON.stringify(any));
          const { way, part } = walk(metadata, turns);
          const isOther = isDeepStrictEqual(part, JSON.parse(other)) || (part === other && !other.startsWith('"'));
          expect(holds(way, metadata)).toBe(true);
          expect(holds(`${way}=${JSON.stringify(part)}`, metadata)).toBe(true);
          expect(holds(`${way}=${other}`, metadata)).toBe(isOther);
          expect(holds(`${way}!=${other}`, metadata)).toBe(!isOther);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

/** Into a value by some of its members, as far as there are any. */
function walk(value: unknown, [turn, ...turns]: readonly number[], way = 'metadata'): { way: string; part: unknown } {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const [name, part] = entries[(turn ?? 0) % entries.length] ?? [];
  if (turn === undefined || name === undefined) return { way, part: value };
  return walk(part, turns, `${way}[${Array.isArray(value) ? name : JSON.stringify(name)}]`);
}

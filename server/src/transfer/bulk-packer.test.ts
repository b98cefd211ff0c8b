import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cut } from '../kv/arriving-text.fixture.ts';
import { LIMITS } from '../kv/limits.ts';
import { type Bulk, itemBytes, itemCount, placeName, placeOf } from './bulk.ts';
import { BulkPacker, type PackingOptions } from './bulk-packer.ts';

const ROOMY: PackingOptions = { pairsMax: 10_000, bytesMax: 1_000_000 };

function pack(pieces: readonly (string | Uint8Array)[], options: Partial<PackingOptions> = {}): Bulk[] {
  const packer = new BulkPacker({ ...ROOMY, ...options });
  return [...pieces.flatMap(piece => [...packer.push(Buffer.from(piece))]), ...packer.end()];
}

function items(bulks: readonly Bulk[]): string[] {
  return bulks.flatMap(bulk =>
    Array.from({ length: itemCount(bulk) }, (_, index) => itemBytes(bulk, index).toString().trim()),
  );
}

function bodies(bulks: readonly Bulk[]): string[] {
  return bulks.map(({ body }) => body.toString());
}

const json = fc
  .json({ maxDepth: 3 })
  .map(text => JSON.stringify({ key: 'k', value: text, metadata: JSON.parse(text) }));
const space = fc.constantFrom('', '', ' ', '\n', '\r\n', '\n\t ', '  ');

interface File {
  readonly text: string;
  readonly items: readonly string[];
  /** The line on which each item begins. */
  readonly lines: readonly number[];
}

const array: fc.Arbitrary<File> = fc
  .tuple(fc.array(fc.tuple(space, json, space), { maxLength: 12 }), space, space)
  .map(([parts, before, after]) => {
    let text = `${before}[`;
    const lines: number[] = [];
    for (const [index, [left, item, right]] of parts.entries()) {
      text += (index === 0 ? '' : ',') + left;
      lines.push(text.split('\n').length);
      text += item + right;
    }
    return { text: `${text}]${after}`, items: parts.map(([, item]) => item), lines };
  });

const jsonLines: fc.Arbitrary<File> = fc
  .tuple(fc.array(fc.oneof({ weight: 5, arbitrary: json }, space), { maxLength: 12 }), fc.boolean(), fc.boolean())
  .map(([parts, endsWithLineFeed, byCarriageReturn]) => {
    const written = parts.join(byCarriageReturn ? '\r\n' : '\n') + (endsWithLineFeed ? '\n' : '');
    const all = written.split('\n').map((line, index) => ({ text: line.trim(), line: index + 1 }));
    const items = all.filter(({ text }) => text !== '');
    return { text: written, items: items.map(({ text }) => text), lines: items.map(({ line }) => line) };
  });

describe.each([
  ['JSON Lines', jsonLines],
  ['a JSON array', array],
] as const)('%s', (_, file) => {
  test('comes out as its items, with their lines, wherever its pieces are cut and bulks end', () => {
    fc.assert(
      fc.property(
        file,
        fc.array(fc.nat()),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 10, max: 400 }),
        ({ text, items: wanted, lines }, cuts, pairsMax, bytesMax) => {
          const bytes = Buffer.from(text);
          const pieces = cut(
            bytes,
            cuts.map(at => at % (bytes.length + 1)),
          );
          const bulks = pack(pieces, { pairsMax, bytesMax });
          expect(items(bulks)).toEqual(wanted);
          expect(bulks.flatMap(bulk => [...bulk.lines])).toEqual(lines);
          expect(bulks.flatMap(({ body }) => JSON.parse(body.toString()))).toEqual(
            wanted.map(item => JSON.parse(item)),
          );
          for (const bulk of bulks) {
            expect(itemCount(bulk)).toBeLessThanOrEqual(pairsMax);
            expect(itemCount(bulk) === 1 || bulk.body.length <= bytesMax).toBe(true);
          }
        },
      ),
    );
  });

  test('goes on with the item that is named by its place', () => {
    fc.assert(
      fc.property(file, fc.nat(), fc.integer({ min: 1, max: 5 }), ({ text, items: wanted }, choice, pairsMax) => {
        fc.pre(wanted.length > 0);
        const index = choice % wanted.length;
        const places = pack([text]).flatMap(bulk => [...bulk.starts].map((_start, item) => placeOf(bulk, item)));
        expect(items(pack([text], { pairsMax, from: places[index] ?? 0 }))).toEqual(wanted.slice(index));
      }),
    );
  });
});

test('is packed as tightly as the limits allow', () => {
  expect(bodies(pack(['{"a":1}\n{"b":2}\n{"c":3}\n'], { pairsMax: 2 }))).toEqual(['[{"a":1},{"b":2}]', '[{"c":3}]']);
  expect(bodies(pack(['{"a":1}\n{"b":2}\n{"c":3}\n'], { bytesMax: 17 }))).toEqual(['[{"a":1},{"b":2}]', '[{"c":3}]']);
  expect(bodies(pack(['{"a":1}\n{"b":2}\n{"c":3}\n'], { bytesMax: 16 }))).toHaveLength(3);
});

test('a byte order mark is passed over', () => {
  expect(bodies(pack(['\ufeff{"a":1}\n']))).toEqual(['[{"a":1}]']);
  expect(bodies(pack(['\ufeff[{"a":1}]']))).toEqual(['[{"a":1}]']);
});

test.each(['', ' \n', '[]', ' [ \n] '])('%j has no pairs', text => {
  expect(pack([text])).toEqual([]);
});

test('an item is named by its line, or in an array also by its number', () => {
  const [lines] = pack(['\n{}\n{}']);
  const [array_] = pack(['[{},\n{}]']);
  expect([lines, array_].map(bulk => bulk && placeName(bulk, 1))).toEqual(['line 3', 'pair 2 on line 2']);
});

test.each([
  ['[{"a":1},\n,{}]', 'line 2: there is nothing before a comma or behind one'],
  ['[{"a":1},\n]', 'line 2: there is nothing before a comma or behind one'],
  ['[,]', 'line 1: there is nothing before a comma or behind one'],
  ['[{}]\n{}', 'line 2: something follows the array'],
  ['[{}', 'the file ends before the array that it holds'],
  ['[{"a":"]', 'the file ends before the array that it holds'],
])('%j is refused', (text, message) => {
  expect(() => pack([text])).toThrow(message);
});

test('a pair that no bulk write can take is named, before it fills the memory', () => {
  const packer = new BulkPacker({ pairsMax: 10, bytesMax: 100 });
  const piece = Buffer.alloc(1_000_000, 'a');
  const push = () => {
    for (let count = 0; count <= LIMITS.bulkBodyBytes / piece.length; count++) [...packer.push(piece)];
  };
  expect([...packer.push(Buffer.from('{}\n'))]).toEqual([]);
  expect(push).toThrow('pair 2 of the file takes more than a bulk write may: 100000000 bytes');
});

import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cut } from '../kv/arriving-text.fixture.ts';
import { asArray, countLines } from './export-format.ts';

const lines = fc.array(fc.json(), { maxLength: 8 });

function piecesOf(whole: string, cuts: readonly number[]): AsyncIterable<Uint8Array> {
  const bytes = Buffer.from(whole);
  return Readable.from(
    cut(
      bytes,
      cuts.map(at => at % (bytes.length + 1)),
    ),
    { objectMode: true },
  );
}

test('as an array there are the same items, a line each, however the lines arrive', async () => {
  await fc.assert(
    fc.asyncProperty(lines, fc.array(fc.nat()), async (items, cuts) => {
      const array = await text(asArray(piecesOf(items.map(item => `${item}\n`).join(''), cuts)));
      expect(array).toBe(items.length === 0 ? '[]\n' : `[\n${items.join(',\n')}\n]\n`);
    }),
  );
});

test('lines are counted and left as they are, however they arrive', async () => {
  await fc.assert(
    fc.asyncProperty(lines, fc.array(fc.nat()), async (items, cuts) => {
      const whole = items.map(item => `${item}\n`).join('');
      let count = 0;
      const counted = await buffer(countLines(piecesOf(whole, cuts), more => (count += more)));
      expect(counted.toString()).toBe(whole);
      expect(count).toBe(items.length);
    }),
  );
});

test('lines that end in the middle of one are no whole export', async () => {
  const pieces = piecesOf('{"key":"a"}\n{"key"', [3]);
  await expect(buffer(countLines(pieces, () => {}))).rejects.toThrow(
    'the server ended the export in the middle of a line',
  );
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pairLines, type Shown, type TakesMetadata } from './pair-lines.ts';
import { type Pair, packPairs } from './puts.ts';

const TEXT = fc.string({
  unit: fc.constantFrom('a', '"', '\\', '\n', '\u0000', '\u007f', 'é', '\u2028', '😀'),
  minLength: 1,
});
const PAIR = fc.record(
  {
    key: TEXT,
    value: fc.oneof(
      TEXT.map(text => Buffer.from(text)),
      fc.uint8Array({ maxLength: 10 }),
    ),
    metadata: fc.oneof(fc.json(), fc.constant('{ "a":\r\n[1.0,"\\n"] }')),
    expiresAt: fc.integer({ min: 1, max: 2 ** 52 }),
  },
  { requiredKeys: ['key', 'value'] },
);

function linesOf(pairs: readonly Pair[], shown: Shown, takes?: TakesMetadata): string[] {
  const pieces = [...pairLines(packPairs(pairs), shown, takes)];
  const text = Buffer.concat(pieces).toString();
  expect(text === '' || text.endsWith('\n')).toBe(true);
  return text.split('\n').slice(0, -1);
}

function withoutBreaks(metadata: string): string {
  return metadata.replace(/[\r\n]/g, ' ');
}

/** As JSON.stringify and Buffer have it. */
function plainLine({ key, value, metadata, expiresAt }: Pair, shown: Shown): string {
  if (shown === 'keys') return JSON.stringify(key);
  const text = Buffer.from(value).toString();
  const isText = Buffer.from(text).equals(value);
  const members = [
    ...(shown === 'listing' ? [`"name":${JSON.stringify(key)}`] : [`"key":${JSON.stringify(key)}`]),
    ...(shown === 'listing'
      ? []
      : [`"value":${JSON.stringify(isText ? text : Buffer.from(value).toString('base64'))}`]),
    ...(shown === 'listing' || isText ? [] : ['"base64":true']),
    ...(expiresAt === undefined ? [] : [`"expiration":${expiresAt}`]),
    ...(metadata === undefined ? [] : [`"metadata":${withoutBreaks(metadata)}`]),
  ];
  return `{${members.join(',')}}`;
}

describe('a line', () => {
  it.each(['pairs', 'listing', 'keys'] as const)('is what JSON has for it, whatever the pair: %s', shown => {
    fc.assert(
      fc.property(fc.array(PAIR, { maxLength: 5 }), pairs => {
        expect(linesOf(pairs, shown)).toEqual(pairs.map(pair => plainLine(pair, shown)));
      }),
      { numRuns: 500 },
    );
  });

  it('comes in several pieces where it is long, whole in the end', () => {
    for (const unit of ['text "quoted"', 'é漢😀', '\xff\0']) {
      const encoding = unit.startsWith('\xff') ? 'latin1' : 'utf8';
      const value = Buffer.from(unit.repeat(150_000), encoding);
      const pairs = [
        { key: 'long', value, metadata: '1', expiresAt: 2 },
        { key: 'short', value: Buffer.from('é') },
      ];
      const pieces = [...pairLines(packPairs(pairs), 'pairs')];
      expect(pieces.length).toBeGreaterThan(1);
      for (const piece of pieces) expect(piece.length).toBeLessThan(1_500_000);
      expect(linesOf(pairs, 'pairs')).toEqual(pairs.map(pair => plainLine(pair, 'pairs')));
    }
  });

  it('is there for those pairs alone whose metadata is taken', () => {
    const value = Buffer.from('v');
    const pairs = [
      { key: 'a', value },
      { key: 'b', value, metadata: '"é"' },
      { key: 'c', value, metadata: '1' },
    ];
    expect(linesOf(pairs, 'keys', metadata => metadata === '"é"')).toEqual(['"b"']);
    expect(linesOf(pairs, 'keys', metadata => metadata === undefined)).toEqual(['"a"']);
    expect([...pairLines(packPairs(pairs), 'pairs', () => false)]).toEqual([]);
  });

  it('pauses among many pairs of which none is taken', () => {
    const pairs = Array.from({ length: 2_048 }, (_, n) => ({ key: `${n}`, value: Buffer.alloc(0) }));
    let looked = 0;
    const pieces = pairLines(packPairs(pairs), 'keys', () => ++looked < 0);
    for (let before = 0; looked < pairs.length; before = looked) {
      pieces.next();
      expect(looked - before).toBeLessThanOrEqual(128);
    }
    expect(pieces.next().done).toBe(true);
  });
});

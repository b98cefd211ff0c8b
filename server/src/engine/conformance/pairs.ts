/** Pairs: what is read is what was written. */
import { describe, expect, it } from 'vitest';
import { OFFSETS_PER_PAIR } from '../../kv/puts.ts';
import { compareUtf8, type EngineHarness, expectBytes, expectReason, START, stored, useBed } from './bed.ts';

const ODD_KEYS = {
  slashes: '/a//b/',
  'an escaped slash': 'a%2Fb',
  'a plus': 'a+b c',
  NUL: '\u0000',
  'NUL inside': 'a\u0000b',
  'a newline': 'a\r\nb',
  quotes: `'"\`\\`,
  wildcards: '%_*?[a]',
  emoji: '👩‍👩‍👧😀',
  'the last of the basic plane': '\u{ffff}',
  'the last of all': '\u{10ffff}',
  'a combining mark': 'e\u0301',
  'the same, composed': '\u00e9',
  'a name of Object': '__proto__',
  'another name of Object': 'constructor',
  'an integer': '42',
  'a large integer': '9007199254740993',
  blanks: ' ',
  '512 bytes': 'k'.repeat(512),
  '512 bytes of emoji': '😀'.repeat(128),
};

const METADATA = ['{"a":1}', '12345678901234567890.123000', '"\\u0000"', '{ "b" : [ ] }', 'false', '"😀"', '""', '0'];

/** Around lengths at which an engine may well change its ways. */
const LENGTHS = [1, 99, 4_096, 8_191, 8_192, 8_193, 65_536, 1_048_575, 1_048_576, 1_048_577];

const VALUE_BYTES_MAX = 25 * 1_024 * 1_024;

export function describePairs<Storage>(harness: EngineHarness<Storage>): void {
  describe('pairs', () => {
    const bed = useBed(harness);

    it.each(Object.entries(ODD_KEYS))('keep a key of %s', async (_, key) => {
      const address = await bed().namespace();
      const pair = { key, value: 'value', metadata: '{}', expiresAt: START + 100 };
      await bed().put(address, [pair]);
      expect(await bed().get(address, key)).toEqual(stored(pair));
      expect(await bed().getMany(address, [key], 100)).toEqual([stored(pair)]);
      expect(await bed().listAll(address)).toEqual([{ key, metadata: '{}', expiresAt: START + 100 }]);
      await bed().delete(address, [key]);
      expect(await bed().get(address, key)).toBeUndefined();
    });

    it('keep all odd keys apart', async () => {
      const address = await bed().namespace();
      const keys = Object.values(ODD_KEYS);
      await bed().put(
        address,
        keys.map(key => ({ key, value: `value of ${key}` })),
      );
      for (const key of keys) expect(await bed().text(address, key)).toBe(`value of ${key}`);
      expect(await bed().keys(address)).toEqual(keys.toSorted(compareUtf8));
    });

    it('keep values byte by byte, also an empty one', async () => {
      const address = await bed().namespace();
      const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      await bed().put(address, [
        { key: 'bytes', value: everyByte },
        { key: 'empty', value: '' },
      ]);
      expect(await bed().get(address, 'bytes')).toEqual({ value: Buffer.from(everyByte) });
      expect(await bed().get(address, 'empty')).toEqual({ value: Buffer.alloc(0) });
    });

    it.each(LENGTHS)('keep values of %d bytes, be they text, text that is cut, or none', async length => {
      const address = await bed().namespace();
      const values = Object.fromEntries(
        [
          'x',
          'é😀',
          '\u{fffd}',
          '\u{feff}"\\\u0000',
          Buffer.of(0x61, 0xe2, 0x82),
          Buffer.of(0xed, 0xa0, 0x80, 0xff),
        ].map((filling, index) => [`key ${index}`, Buffer.alloc(length, filling)]),
      );
      const keys = Object.keys(values);
      await bed().put(
        address,
        keys.map(key => ({ key, value: values[key] ?? '' })),
      );
      for (const key of keys) expectBytes((await bed().get(address, key))?.value, values[key]);
      const many = await bed().getMany(address, keys, VALUE_BYTES_MAX);
      for (const [index, key] of keys.entries()) expectBytes(many[index]?.value, values[key]);
    });

    it('are read as they were written last, however large', async () => {
      const address = await bed().namespace();
      for (const filling of ['a', 'b', 'c']) {
        const value = Buffer.alloc(2_000_000, filling);
        await bed().put(address, [{ key: 'key', value }]);
        const reads = await Promise.all([bed().get(address, 'key'), bed().get(address, 'key')]);
        for (const pair of reads) expectBytes(pair?.value, value);
      }
      await bed().delete(address, ['key']);
      expect(await bed().get(address, 'key')).toBeUndefined();
    });

    it('keep a value of 25 MiB', async () => {
      const address = await bed().namespace();
      const value = Buffer.alloc(VALUE_BYTES_MAX, 'freehold');
      await bed().put(address, [{ key: 'large', value, metadata: '1' }]);
      const pair = await bed().get(address, 'large');
      expect(pair?.value.equals(value)).toBe(true);
      expect(pair?.metadata).toBe('1');
      await bed().put(address, [{ key: 'large', value: 'small' }]);
      expect(await bed().get(address, 'large')).toEqual({ value: Buffer.from('small') });
    });

    it.each(METADATA)('keep the metadata %s as it was sent', async metadata => {
      const address = await bed().namespace();
      await bed().put(address, [{ key: 'key', metadata }]);
      expect((await bed().get(address, 'key'))?.metadata).toBe(metadata);
      expect(await bed().listAll(address)).toEqual([{ key: 'key', metadata }]);
    });

    it('keep an expiry in the far future', async () => {
      const address = await bed().namespace();
      for (const expiresAt of [2 ** 31, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER]) {
        await bed().put(address, [{ key: 'key', expiresAt }]);
        expect((await bed().get(address, 'key'))?.expiresAt).toBe(expiresAt);
      }
    });

    it('lose metadata and expiry when they are written without', async () => {
      const address = await bed().namespace();
      await bed().put(address, [{ key: 'key', value: 'one', metadata: '1', expiresAt: START + 100 }]);
      await bed().put(address, [{ key: 'key', value: 'two' }]);
      expect(await bed().get(address, 'key')).toEqual({ value: Buffer.from('two') });
      expect(await bed().listAll(address)).toEqual([{ key: 'key' }]);
    });

    it('are found in their own namespace only', async () => {
      const { account, id } = await bed().namespace();
      const sibling = await bed().namespace(account);
      await bed().put({ account, id }, [{ key: 'key' }]);
      expect(await bed().get(sibling, 'key')).toBeUndefined();
      expect(await bed().keys(sibling)).toEqual([]);
      await bed().delete(sibling, ['key']);
      expect(await bed().keys({ account, id })).toEqual(['key']);
    });

    it('are not found under a key that only resembles theirs', async () => {
      const address = await bed().namespace();
      await bed().put(address, [{ key: 'key' }]);
      for (const key of ['ke', 'key\u0000', 'KEY', ' key', '']) {
        expect(await bed().get(address, key)).toBeUndefined();
      }
    });

    it('are deleted without complaint where there are none', async () => {
      const address = await bed().namespace();
      await bed().put(address, [{ key: 'key' }]);
      await bed().delete(address, ['key', 'missing']);
      await bed().delete(address, ['key']);
      expect(await bed().keys(address)).toEqual([]);
    });

    it('are read from an arena in any order and with gaps', async () => {
      const address = await bed().namespace();
      const arena = new Uint8Array(Buffer.from('..value-b..key-b{"b":1}..key-a..value-a..'));
      const places = ['key-b', '{"b":1}', 'value-b', 'key-a', '', 'value-a'];
      const offsets = new Uint32Array(2 * OFFSETS_PER_PAIR);
      for (const [index, part] of places.entries()) {
        const start = Buffer.from(arena).indexOf(part);
        offsets.set([start, start + part.length], index * 2);
      }
      await bed().engine.write(address, { puts: { arena, offsets, expiresAt: Float64Array.of(0, START + 100) } });
      expect(await bed().get(address, 'key-b')).toEqual({ value: Buffer.from('value-b'), metadata: '{"b":1}' });
      expect(await bed().get(address, 'key-a')).toEqual({
        value: Buffer.from('value-a'),
        expiresAt: START + 100,
      });
    });

    describe('several at once', () => {
      it('come in the order of the keys, with gaps and repeats', async () => {
        const address = await bed().namespace();
        const [a, b] = [
          { key: 'a', value: '1', metadata: '1' },
          { key: 'b', value: '2', expiresAt: START + 100 },
        ];
        await bed().put(address, [a, b]);
        const pairs = await bed().getMany(address, ['b', 'missing', 'a', 'b'], 100);
        expect(pairs).toEqual([stored(b), undefined, stored(a), stored(b)]);
        expect(await bed().getMany(address, [], 0)).toEqual([]);
      });

      it('may weigh as much as allowed, and no more', async () => {
        const address = await bed().namespace();
        await bed().put(address, [
          { key: 'a', value: 'x'.repeat(60) },
          { key: 'b', value: 'x'.repeat(40) },
        ]);
        expect(await bed().getMany(address, ['a', 'missing', 'b'], 100)).toHaveLength(3);
        await expectReason(bed().engine.getMany(address, ['a', 'missing', 'b'], 99), 'valuesTooLarge');
        await expectReason(bed().engine.getTexts(address, ['a', 'missing', 'b'], 99), 'valuesTooLarge');
        expect(await bed().text(address, 'b')).toBe('x'.repeat(40));
      });
    });
  });
}

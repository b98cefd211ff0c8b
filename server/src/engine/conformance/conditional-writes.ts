/** Changes that depend on what is there: in one step with the look at it. */
import { describe, expect, it } from 'vitest';
import { type Pair, type Puts, packPairs } from '../../kv/puts.ts';
import { type EngineHarness, expectReason, numberedKeys, randomId, START, stored, useBed } from './bed.ts';

const BULK = 10_000;

function puts(...pairs: (Omit<Pair, 'value'> & { readonly value?: string })[]): Puts {
  return packPairs(pairs.map(pair => ({ ...pair, value: Buffer.from(pair.value ?? '') })));
}

export function describeConditionalWrites<Storage>(harness: EngineHarness<Storage>): void {
  const bed = useBed(harness);

  describe('a write that skips what is there', () => {
    it('leaves it as it is, writes all else and tells which were left out', async () => {
      const address = await bed().namespace();
      const there = { key: 'b', value: 'there', metadata: '1', expiresAt: START + 100 };
      await bed().putOne(address, there);
      const result = await bed().engine.write(address, {
        puts: puts({ key: 'a', value: 'new' }, { key: 'b', value: 'new' }, { key: 'c', value: 'new' }),
        deletes: ['z'],
        onConflict: 'skip',
      });
      expect(result).toEqual({ failedKeys: [], skipped: [1] });
      expect(await bed().get(address, 'b')).toEqual(stored(there));
      expect([await bed().text(address, 'a'), await bed().text(address, 'c')]).toEqual(['new', 'new']);
    });

    it('of 10,000 pairs writes those that are missing', async () => {
      const address = await bed().namespace();
      const keys = numberedKeys(BULK);
      await bed().put(
        address,
        keys.filter((_, index) => index % 3 === 0).map(key => ({ key, value: 'there' })),
      );
      const bulk = puts(...keys.map(key => ({ key, value: 'new' })));
      expect(await bed().engine.write(address, { puts: bulk, onConflict: 'skip' })).toEqual({
        failedKeys: [],
        skipped: Array.from({ length: 3_334 }, (_, index) => index * 3),
      });
      expect(await bed().keys(address)).toEqual(keys);
      for (const index of [0, 1, 2, 3, 9_998, 9_999]) {
        expect(await bed().text(address, keys[index] ?? '')).toBe(index % 3 === 0 ? 'there' : 'new');
      }
    });

    it('writes in place of what has expired, and writes nothing where all is there', async () => {
      const address = await bed().namespace();
      await bed().putOne(address, { key: 'a', value: 'old', metadata: '1', expiresAt: START + 60 });
      const write = () => bed().engine.write(address, { puts: puts({ key: 'a', value: 'new' }), onConflict: 'skip' });
      expect(await write()).toEqual({ failedKeys: [], skipped: [0] });
      bed().now = START + 60;
      expect(await write()).toEqual({ failedKeys: [], skipped: [] });
      expect(await bed().get(address, 'a')).toEqual(stored({ key: 'a', value: 'new' }));
    });
  });

  describe('a write that is refused by what is there', () => {
    it('changes nothing and names the first keys', async () => {
      const address = await bed().namespace();
      const keys = numberedKeys(BULK);
      const there = keys.filter((_, index) => index % 2 === 1).toReversed();
      await bed().put(
        address,
        there.map(key => ({ key, value: 'there' })),
      );
      const bulk = puts(...keys.toReversed().map(key => ({ key, value: 'new' })));
      const result = await bed().engine.write(address, { puts: bulk, deletes: [there[0] ?? ''], onConflict: 'refuse' });
      expect(result.conflicts?.count).toBe(BULK / 2);
      expect(result.conflicts?.keys.length).toBeGreaterThan(0);
      expect(result.conflicts?.keys).toEqual(there.slice(0, result.conflicts?.keys.length));
      expect(await bed().keys(address)).toEqual(there.toReversed());
      expect(await bed().text(address, there[0] ?? '')).toBe('there');
    });

    it('is carried out where nothing is there, or has expired', async () => {
      const address = await bed().namespace();
      await bed().putOne(address, { key: 'a', value: 'old', expiresAt: START + 60 });
      bed().now = START + 60;
      const write = () => bed().engine.write(address, { puts: puts({ key: 'a' }, { key: 'b' }), onConflict: 'refuse' });
      expect(await write()).toEqual({ failedKeys: [] });
      expect(await write()).toEqual({ failedKeys: [], conflicts: { count: 2, keys: ['a', 'b'] } });
    });

    it('is one of several that want the same key first: all others are refused', async () => {
      const address = await bed().namespace();
      const writes = Array.from({ length: 20 }, (_, number) =>
        bed().engine.write(address, { puts: puts({ key: 'k', value: `${number}` }), onConflict: 'refuse' }),
      );
      const results = await Promise.all(writes);
      const winners = results.flatMap(({ conflicts }, number) => (conflicts === undefined ? [`${number}`] : []));
      expect(winners).toEqual([await bed().text(address, 'k')]);
    });
  });

  describe('replacing a value', () => {
    it('leaves metadata and expiry as they are', async () => {
      const address = await bed().namespace();
      const pair = { key: 'ä', value: 'old', metadata: '{"a": 1.0}', expiresAt: START + 60 };
      await bed().putOne(address, pair);
      for (const value of ['new', '', 'x'.repeat(2_000_000)]) {
        expect(await bed().engine.replaceValue(address, 'ä', Buffer.from(value))).toBe(true);
        expect(await bed().get(address, 'ä')).toEqual(stored({ ...pair, value }));
      }
    });

    it('makes the pair where there is none, or none any more', async () => {
      const address = await bed().namespace();
      expect(await bed().engine.replaceValue(address, 'a', Buffer.from('new'))).toBe(false);
      expect(await bed().get(address, 'a')).toEqual(stored({ key: 'a', value: 'new' }));
      await bed().putOne(address, { key: 'b', value: 'old', metadata: '1', expiresAt: START + 60 });
      bed().now = START + 60;
      expect(await bed().engine.replaceValue(address, 'b', Buffer.from('new'))).toBe(false);
      expect(await bed().get(address, 'b')).toEqual(stored({ key: 'b', value: 'new' }));
    });

    it('is refused where there is no such namespace', async () => {
      const missing = { account: randomId(), id: randomId() };
      await expectReason(bed().engine.replaceValue(missing, 'a', Buffer.alloc(1)), 'namespaceMissing');
    });
  });

  describe('removing what is unchanged', () => {
    it('leaves a pair of which anything has changed', async () => {
      const address = await bed().namespace();
      const pair = { value: 'value', metadata: '1', expiresAt: START + 60 };
      const keys = ['same', 'value', 'metadata', 'no metadata', 'expiry', 'no expiry', 'gone'];
      await bed().put(address, [...keys.map(key => ({ ...pair, key })), { key: 'bare', value: 'value' }]);
      await bed().put(address, [
        { ...pair, key: 'value', value: 'Value' },
        { ...pair, key: 'metadata', metadata: '1 ' },
        { ...pair, key: 'no metadata', metadata: undefined },
        { ...pair, key: 'expiry', expiresAt: START + 61 },
        { ...pair, key: 'no expiry', expiresAt: undefined },
      ]);
      await bed().delete(address, ['gone']);
      const asked = puts(...keys.map(key => ({ ...pair, key })), { key: 'bare', value: 'value' });
      expect(await bed().engine.removeUnchanged(address, asked)).toBe(2);
      expect(await bed().keys(address)).toEqual(['expiry', 'metadata', 'no expiry', 'no metadata', 'value']);
    });

    it('takes 10,000 pairs at once, and none', async () => {
      const address = await bed().namespace();
      const pairs = numberedKeys(BULK).map(key => ({ key, value: key }));
      await bed().put(address, pairs);
      await bed().putOne(address, { key: 'key-005000', value: 'changed' });
      expect(await bed().engine.removeUnchanged(address, puts(...pairs))).toBe(BULK - 1);
      expect(await bed().keys(address)).toEqual(['key-005000']);
      expect(await bed().engine.removeUnchanged(address, puts())).toBe(0);
    });

    it('is refused where there is no such namespace', async () => {
      const missing = { account: randomId(), id: randomId() };
      await expectReason(bed().engine.removeUnchanged(missing, puts({ key: 'a' })), 'namespaceMissing');
    });
  });
}

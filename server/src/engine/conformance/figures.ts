/** What an engine reports of itself. */
import { describe, expect, it } from 'vitest';
import type { EngineFigures } from '../../kv/engine.ts';
import type { Histogram } from '../../kv/histogram.ts';
import { packPairs } from '../../kv/puts.ts';
import { type EngineHarness, expectReason, START, stored, useFreshBed } from './bed.ts';

export function describeFigures<Storage>(harness: EngineHarness<Storage>): void {
  describe('figures', () => {
    const bed = useFreshBed(harness);

    it('begin at nothing', async () => {
      const figures = await bed().engine.figures();
      expect(countsOf(figures)).toEqual({ pairsPut: 0, pairsDeleted: 0, bytesPut: 0, pairsSwept: 0 });
    });

    it('count every pair that was acknowledged and its bytes in UTF-8, alone or together', async () => {
      const address = await bed().namespace();
      await bed().putOne(address, { key: 'ä', value: 'four', metadata: '{"m":"ö"}' });
      await bed().put(address, [{ key: 'b', value: '12345' }, { key: 'c' }]);
      await Promise.all(['d', 'e', 'f'].map(key => bed().putOne(address, { key, value: 'ü', expiresAt: START + 60 })));
      const bytesPut = 2 + 4 + 10 + 6 + 1 + 3 * 3;
      const figures = await bed().engine.figures();
      expect(countsOf(figures)).toEqual({ pairsPut: 6, pairsDeleted: 0, bytesPut, pairsSwept: 0 });
      expect(await bed().get(address, 'd')).toEqual(stored({ key: 'd', value: 'ü', expiresAt: START + 60 }));
    });

    it('count the keys that were to be deleted, there or not', async () => {
      const address = await bed().namespace();
      await bed().putOne(address, { key: 'a' });
      await bed().delete(address, ['a', 'b', 'c']);
      expect(countsOf(await bed().engine.figures())).toMatchObject({ pairsPut: 1, pairsDeleted: 3 });
    });

    it('count of a change that depends on what is there what it has changed', async () => {
      const address = await bed().namespace();
      const { engine } = bed();
      const puts = () => packPairs(['a', 'b'].map(key => ({ key, value: Buffer.from('four') })));
      await bed().putOne(address, { key: 'a', value: '1' });
      await engine.write(address, { puts: puts(), onConflict: 'skip' });
      await engine.write(address, { puts: puts(), deletes: ['a'], onConflict: 'refuse' });
      expect(countsOf(await engine.figures())).toMatchObject({ pairsPut: 2, pairsDeleted: 0, bytesPut: 2 + 5 });
      await engine.replaceValue(address, 'a', Buffer.from('12'));
      expect(countsOf(await engine.figures())).toMatchObject({ pairsPut: 3, pairsDeleted: 0, bytesPut: 2 + 5 + 3 });
      await engine.removeUnchanged(address, puts());
      expect(countsOf(await engine.figures())).toMatchObject({ pairsPut: 3, pairsDeleted: 1, bytesPut: 2 + 5 + 3 });
    });

    it('do not count what was refused', async () => {
      const address = await bed().namespace();
      const missing = { ...address, id: '0'.repeat(32) };
      await expectReason(bed().putOne(missing, { key: 'a', value: 'value' }), 'namespaceMissing');
      await expectReason(bed().engine.write(missing, { deletes: ['a'] }), 'namespaceMissing');
      expect(countsOf(await bed().engine.figures())).toMatchObject({ pairsPut: 0, pairsDeleted: 0, bytesPut: 0 });
    });

    it('tell how many changes were made durable together, and how long it took', async () => {
      const address = await bed().namespace();
      const before = await bed().engine.figures();
      await Promise.all(['a', 'b', 'c', 'd'].map(key => bed().putOne(address, { key })));
      const { commitRequests, commitSeconds } = await bed().engine.figures();
      expect(commitRequests.sum - before.commitRequests.sum).toBe(4);
      expect(countOf(commitRequests)).toBe(countOf(commitSeconds));
      expect(countOf(commitRequests)).toBeGreaterThan(countOf(before.commitRequests));
      expect(commitSeconds.sum).toBeGreaterThan(before.commitSeconds.sum);
      for (const { bounds, counts } of [commitRequests, commitSeconds]) {
        expect(counts).toHaveLength(bounds.length + 1);
        expect(bounds).toEqual(bounds.toSorted((left, right) => left - right));
      }
    });

    it('say how the disk stands, where the engine keeps its data on one', async () => {
      const address = await bed().namespace();
      await bed().putOne(address, { key: 'a', value: 'value' });
      const { local } = await bed().engine.figures();
      if (local === undefined) return;
      expect(local.databaseBytes + local.logBytes).toBeGreaterThan(0);
      expect(local.logAgeSeconds).toBeGreaterThanOrEqual(0);
      expect(local.diskFreeBytes).toBeGreaterThan(0);
      expect(local.diskFreeBytesMin).toBeGreaterThanOrEqual(0);
    });
  });
}

function countsOf({ pairsPut, pairsDeleted, bytesPut, pairsSwept }: EngineFigures): object {
  return { pairsPut, pairsDeleted, bytesPut, pairsSwept };
}

function countOf({ counts }: Histogram): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Expiry: decided by the clock at the instant of reading. */
import { describe, expect, it } from 'vitest';
import type { NamespaceAddress } from '../../kv/engine.ts';
import { type Bed, type EngineHarness, START, useBed } from './bed.ts';

/** Whether every operation that could show the key does so, and that they agree. */
async function isVisible(bed: Bed, address: NamespaceAddress, key: string): Promise<boolean> {
  const [many] = await bed.getMany(address, [key], 1_000);
  const seen = [
    (await bed.engine.get(address, key)) !== undefined,
    many !== undefined,
    (await bed.keys(address)).includes(key),
    (await bed.keys(address, { prefix: key })).includes(key),
  ];
  expect(new Set(seen).size).toBe(1);
  return seen[0] === true;
}

export function describeExpiry<Storage>(harness: EngineHarness<Storage>): void {
  describe('expiry', () => {
    const bed = useBed(harness);

    it('hides a pair everywhere from its very second on', async () => {
      const address = await bed().namespace();
      await bed().put(address, [
        { key: 'mortal', value: 'value', metadata: '1', expiresAt: START + 60 },
        { key: 'immortal', value: 'value' },
      ]);
      for (const [seconds, visible] of [
        [0, true],
        [59, true],
        [60, false],
        [61, false],
      ] as const) {
        bed().now = START + seconds;
        expect(await isVisible(bed(), address, 'mortal')).toBe(visible);
        expect(await isVisible(bed(), address, 'immortal')).toBe(true);
      }
    });

    it('follows a clock that is set back a little', async () => {
      const address = await bed().namespace();
      await bed().put(address, [{ key: 'mortal', value: 'value', expiresAt: START + 60 }]);
      bed().now = START + 60;
      expect(await isVisible(bed(), address, 'mortal')).toBe(false);
      bed().now = START + 59;
      expect(await isVisible(bed(), address, 'mortal')).toBe(true);
    });

    it('never shows a pair whose second has passed when it is written', async () => {
      const address = await bed().namespace();
      await bed().put(address, [{ key: 'key', value: 'old' }]);
      await bed().put(address, [{ key: 'key', value: 'new', expiresAt: START }]);
      expect(await isVisible(bed(), address, 'key')).toBe(false);
    });

    it('counts no value that has expired', async () => {
      const address = await bed().namespace();
      await bed().put(address, [
        { key: 'mortal', value: 'x'.repeat(100), expiresAt: START + 60 },
        { key: 'immortal', value: 'x'.repeat(10) },
      ]);
      bed().now += 60;
      const pairs = await bed().getMany(address, ['mortal', 'immortal'], 10);
      expect(pairs.map(pair => pair?.value.length)).toEqual([undefined, 10]);
    });

    it('lets an expired key be written anew and be deleted', async () => {
      const address = await bed().namespace();
      const mortal = ['written', 'deleted'].map(key => ({ key, value: 'old', metadata: '1', expiresAt: START + 60 }));
      await bed().put(address, mortal);
      bed().now += 60;
      await bed().put(address, [{ key: 'written', value: 'new' }]);
      await bed().delete(address, ['deleted']);
      expect(await bed().get(address, 'written')).toEqual({ value: Buffer.from('new') });
      expect(await bed().keys(address)).toEqual(['written']);
      bed().now = START;
      expect(await bed().keys(address)).toEqual(['written']);
    });

    it('can be put off and brought forward', async () => {
      const address = await bed().namespace();
      await bed().put(address, [
        { key: 'later', expiresAt: START + 60 },
        { key: 'sooner', expiresAt: START + 600 },
      ]);
      await bed().put(address, [
        { key: 'later', expiresAt: START + 600 },
        { key: 'sooner', expiresAt: START + 60 },
      ]);
      bed().now += 60;
      expect(await bed().keys(address)).toEqual(['later']);
    });

    it('outlasts a restart', async () => {
      const address = await bed().namespace();
      await bed().put(address, [{ key: 'mortal', expiresAt: START + 60 }, { key: 'immortal' }]);
      await bed().reopen();
      expect(await bed().listAll(address)).toEqual([{ key: 'immortal' }, { key: 'mortal', expiresAt: START + 60 }]);
      bed().now += 60;
      await bed().reopen();
      expect(await bed().keys(address)).toEqual(['immortal']);
    });
  });
}

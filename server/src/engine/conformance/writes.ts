/** Writes: whole, durable, and each with a result of its own. */
import { describe, expect, it } from 'vitest';
import type { NamespaceAddress } from '../../kv/engine.ts';
import { packPairs } from '../../kv/puts.ts';
import { type Bed, type EngineHarness, expectReason, numberedKeys, randomId, START, stored, useBed } from './bed.ts';

const BULK = 10_000;

export function describeWrites<Storage>(harness: EngineHarness<Storage>): void {
  describe('writes', () => {
    const bed = useBed(harness);

    it('take 10,000 pairs at once, and 10,000 deletes', async () => {
      const address = await bed().namespace();
      const keys = numberedKeys(BULK);
      await bed().put(
        address,
        keys.map(key => ({ key, value: `value of ${key}` })),
      );
      expect(await bed().keys(address)).toEqual(keys);
      for (const key of [keys[0], keys[BULK / 2], keys[BULK - 1]]) {
        expect(await bed().text(address, key ?? '')).toBe(`value of ${key}`);
      }
      await bed().delete(address, keys.slice(1));
      expect(await bed().keys(address)).toEqual(keys.slice(0, 1));
    });

    it('may be empty', async () => {
      const address = await bed().namespace();
      await bed().put(address, []);
      await bed().delete(address, []);
      expect(await bed().engine.write(address, {})).toEqual({ failedKeys: [] });
    });

    it('put and delete in one step', async () => {
      const address = await bed().namespace();
      await bed().put(address, [{ key: 'a' }, { key: 'b' }]);
      await bed().engine.write(address, { puts: packPairs([{ key: 'c', value: Buffer.of(1) }]), deletes: ['a'] });
      expect(await bed().keys(address)).toEqual(['b', 'c']);
    });

    it('issued one after the other take effect in that order', async () => {
      const address = await bed().namespace();
      for (let round = 0; round < 20; round += 2) {
        await bed().put(address, [{ key: 'key', value: String(round) }]);
        await bed().putOne(address, { key: 'key', value: String(round + 1) });
      }
      expect(await bed().text(address, 'key')).toBe('19');
    });

    it('issued at once are all there', async () => {
      const address = await bed().namespace();
      const keys = numberedKeys(100);
      await Promise.all(keys.map(key => bed().putOne(address, { key, value: key })));
      expect(await bed().keys(address)).toEqual(keys);
      for (const key of keys) expect(await bed().text(address, key)).toBe(key);
    });

    it('of one key issued at once leave the whole of one of them', async () => {
      const address = await bed().namespace();
      const versions = Array.from({ length: 50 }, (_, version) => ({
        key: 'key',
        value: String(version).repeat(100),
        metadata: String(version),
      }));
      await Promise.all(versions.map(pair => bed().putOne(address, pair)));
      const pair = await bed().engine.get(address, 'key');
      expect(pair?.value.toString()).toBe(pair?.metadata?.repeat(100));
    });

    it('small ones and bulks issued at once are all there', async () => {
      const address = await bed().namespace();
      const bulks = ['a-', 'b-', 'c-'].map(prefix => numberedKeys(1_000, prefix));
      const small = numberedKeys(50, 'small-');
      await Promise.all([
        ...bulks.map(keys =>
          bed().put(
            address,
            keys.map(key => ({ key, value: 'x'.repeat(1_500) })),
          ),
        ),
        ...small.map(key => bed().putOne(address, { key, value: 'y' })),
      ]);
      expect(await bed().keys(address)).toEqual([...bulks.flat(), ...small]);
    });

    it('are refused alone among others that are not', async () => {
      const address = await bed().namespace();
      const missing = { account: address.account, id: randomId() };
      const keys = numberedKeys(20);
      const outcomes = await Promise.allSettled(
        keys.map((key, index) => bed().putOne(index % 4 < 2 ? address : missing, { key })),
      );
      expect(outcomes.map(({ status }) => status)).toEqual(
        keys.map((_, index) => (index % 4 < 2 ? 'fulfilled' : 'rejected')),
      );
      expect(await bed().keys(address)).toEqual(keys.filter((_, index) => index % 4 < 2));
    });

    it('of one pair replace all of it, whatever its size', async () => {
      const address = await bed().namespace();
      const versions = [
        { key: 'key', value: 'x'.repeat(100_000), metadata: '{"é":1.0}', expiresAt: START + 60 },
        { key: 'key', value: '' },
        { key: 'key', value: Buffer.from([0, 255, 128]), metadata: '"😀"' },
        { key: 'key', value: 'y'.repeat(2_000_000), expiresAt: START + 5 },
      ];
      for (const version of versions) {
        await bed().putOne(address, version);
        expect(await bed().get(address, 'key')).toEqual(stored(version));
      }
      expect(await bed().keys(address)).toEqual(['key']);
    });

    it('to a deleted namespace write nothing, also not into its successor', async () => {
      const address = await bed().namespace();
      const keys = numberedKeys(BULK);
      const pairs = keys.map(key => ({ key, value: key }));
      await bed().put(address, pairs);
      await bed().engine.deleteNamespace(address);
      await expectReason(bed().put(address, pairs), 'namespaceMissing');
      await expectReason(bed().engine.get(address, 'key-000000'), 'namespaceMissing');
      await bed().engine.createNamespace(address.account, { id: address.id, title: 'successor' });
      expect(await bed().keys(address)).toEqual([]);
      expect(await bed().engine.get(address, 'key-000000')).toBeUndefined();
      await bed().put(address, [{ key: 'new' }]);
      expect(await bed().keys(address)).toEqual(['new']);
    });

    it('race a deletion of their namespace: each is whole or refused, and none survives it', async () => {
      const address = await bed().namespace();
      const writes = numberedKeys(40).map(key => bed().putOne(address, { key }));
      const deletion = bed().engine.deleteNamespace(address);
      const later = numberedKeys(40, 'later-').map(key => bed().put(address, [{ key }]));
      const outcomes = await Promise.allSettled([...writes, ...later]);
      await deletion;
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ reason: 'namespaceMissing' });
      }
      await bed().engine.createNamespace(address.account, { id: address.id, title: 'successor' });
      expect(await bed().keys(address)).toEqual([]);
    });

    it('become visible all at once', async () => {
      const { engine } = bed();
      if (!engine.atomicWrites) return;
      const address = await bed().namespace();
      await bed().put(address, [{ key: 'a', value: '0' }, { key: 'm' }]);
      for (let round = 1; round <= 50; round += 1) {
        // Each round moves one key to the place of the other, and counts in a third.
        const [appearing, vanishing] = round % 2 === 1 ? ['z', 'm'] : ['m', 'z'];
        const puts = packPairs(['a', appearing].map(key => ({ key, value: Buffer.from(String(round)) })));
        const before = { counter: String(round - 1), found: vanishing };
        const after = { counter: String(round), found: appearing };
        const write = engine.write(address, { puts, deletes: [vanishing] });
        for (const seen of await watch(bed(), address, write)) expect([before, after]).toContainEqual(seen);
        expect(await look(bed(), address)).toEqual(after);
      }
    });
  });
}

/** The counter, and which of the two moving keys there is; never both, never none. */
async function look(bed: Bed, address: NamespaceAddress): Promise<{ counter: string | undefined; found: string }> {
  const [counter, m, z] = await bed.engine.getMany(address, ['a', 'm', 'z'], 100);
  return { counter: counter?.value.toString(), found: `${m === undefined ? '' : 'm'}${z === undefined ? '' : 'z'}` };
}

/** What is seen once a turn of the event loop for as long as a write is under way. */
async function watch(bed: Bed, address: NamespaceAddress, write: Promise<unknown>) {
  const seen: Awaited<ReturnType<typeof look>>[] = [];
  let underWay = true;
  const end = write.finally(() => {
    underWay = false;
  });
  while (underWay) {
    seen.push(await look(bed, address));
    await new Promise(setImmediate);
  }
  await end;
  return seen;
}

/** Readiness, and the end of an engine. */
import { describe, expect, it } from 'vitest';
import { packPairs } from '../../kv/puts.ts';
import { ANY_PAGE, type EngineHarness, expectReason, numberedKeys, START, useFreshBed } from './bed.ts';

export function describeClosing<Storage>(harness: EngineHarness<Storage>): void {
  describe('closing', () => {
    const bed = useFreshBed(harness);

    it('is preceded by readiness', async () => {
      const checks = await bed().engine.check();
      expect(checks).not.toHaveLength(0);
      expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
      expect(checks.filter(({ reason }) => reason !== undefined)).toEqual([]);
    });

    it('finishes what was accepted', async () => {
      const address = await bed().namespace();
      const keys = numberedKeys(20);
      const writes = keys.map((key, index) =>
        index % 2 === 0 ? bed().putOne(address, { key }) : bed().put(address, [{ key }]),
      );
      await Promise.all([bed().engine.close(), ...writes]);
      await bed().open();
      expect(await bed().keys(address)).toEqual(keys);
    });

    it('refuses every later call', async () => {
      const address = await bed().namespace();
      const { engine } = bed();
      const { account, id } = address;
      await engine.close();
      await expectReason(engine.createNamespace(account, { id, title: 'title' }), 'unavailable');
      await expectReason(engine.getNamespace(address), 'unavailable');
      const page = { order: 'id', direction: 'asc', offset: 0, limit: 1 } as const;
      await expectReason(engine.listNamespaces(account, page), 'unavailable');
      await expectReason(engine.renameNamespace(address, 'title'), 'unavailable');
      await expectReason(engine.deleteNamespace(address), 'unavailable');
      await expectReason(engine.listAccounts(), 'unavailable');
      await expectReason(engine.accountsOfNamespace(id), 'unavailable');
      await expectReason(engine.get(address, 'key'), 'unavailable');
      await expectReason(engine.getMany(address, ['key'], 1), 'unavailable');
      await expectReason(engine.getTexts(address, ['key'], 1), 'unavailable');
      await expectReason(engine.list(address, ANY_PAGE), 'unavailable');
      await expectReason(engine.put(address, { key: 'key', value: Buffer.alloc(1) }), 'unavailable');
      await expectReason(engine.write(address, { deletes: ['key'] }), 'unavailable');
      await expectReason(engine.replaceValue(address, 'key', Buffer.alloc(1)), 'unavailable');
      await expectReason(engine.removeUnchanged(address, packPairs([])), 'unavailable');
      await expectReason(engine.rootTokenHash(), 'unavailable');
      await expectReason(engine.setRootTokenHash(Buffer.alloc(32)), 'unavailable');
      const token = { id, name: 'name', hash: Buffer.alloc(32), createdAt: START };
      await expectReason(engine.createToken(token), 'unavailable');
      await expectReason(engine.findToken(token.hash), 'unavailable');
      await expectReason(engine.figures(), 'unavailable');
      const reasons = (await engine.check()).flatMap(({ reason }) => reason ?? []);
      expect(reasons).not.toHaveLength(0);
    });

    it('may be asked for more than once', async () => {
      const { engine } = bed();
      await Promise.all([engine.close(), engine.close()]);
      await engine.close();
    });
  });
}

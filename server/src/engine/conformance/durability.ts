/** What is there when the storage is opened again. */
import { describe, expect, it } from 'vitest';
import { type EngineHarness, expectReason, numberedKeys, randomId, START, stored, useFreshBed } from './bed.ts';

export function describeDurability<Storage>(harness: EngineHarness<Storage>): void {
  describe('storage opened again', () => {
    const bed = useFreshBed(harness);

    it('has its namespaces and pairs', async () => {
      const { account, id } = await bed().namespace();
      const renamed = await bed().namespace(account);
      await bed().engine.renameNamespace(renamed, 'renamed');
      const pairs = numberedKeys(200).map((key, index) => ({
        key,
        value: `value ${index}`,
        metadata: index % 2 === 0 ? `{"n":${index}}` : undefined,
        expiresAt: index % 3 === 0 ? START + 1_000 : undefined,
      }));
      await bed().put({ account, id }, pairs);
      await bed().delete({ account, id }, ['key-000000']);
      await bed().reopen();
      expect(await bed().engine.listAccounts()).toEqual([account]);
      expect(await bed().engine.getNamespace({ account, id })).toEqual({ id, title: `title of ${id}` });
      expect(await bed().engine.getNamespace(renamed)).toEqual({ id: renamed.id, title: 'renamed' });
      const found = await bed().getMany(
        { account, id },
        pairs.map(({ key }) => key),
        10_000,
      );
      expect(found).toEqual([undefined, ...pairs.slice(1).map(stored)]);
    });

    it('has its accounts, in order', async () => {
      const { engine } = bed();
      expect(await engine.listAccounts()).toEqual([]);
      const addresses = [await bed().namespace(), await bed().namespace(), await bed().namespace()];
      const [first, second] = addresses;
      if (first === undefined || second === undefined) throw new Error('unreachable');
      await bed().namespace(first.account);
      await engine.deleteNamespace(first);
      await engine.deleteNamespace(second);
      const accounts = addresses.map(({ account }) => account).filter(account => account !== second.account);
      expect(await engine.listAccounts()).toEqual(accounts.toSorted());
      await bed().reopen();
      expect(await bed().engine.listAccounts()).toEqual(accounts.toSorted());
    });

    it('has none of a deleted namespace, and an id of old is still empty', async () => {
      const { account, id } = await bed().namespace();
      await bed().put({ account, id }, [{ key: 'key' }]);
      await bed().engine.deleteNamespace({ account, id });
      await bed().reopen();
      await expectReason(bed().engine.getNamespace({ account, id }), 'namespaceMissing');
      await bed().engine.createNamespace(account, { id, title: 'successor' });
      expect(await bed().keys({ account, id })).toEqual([]);
      await bed().reopen();
      expect(await bed().keys({ account, id })).toEqual([]);
    });

    it('never confuses a namespace with one that was deleted last', async () => {
      const account = randomId();
      for (let round = 0; round < 3; round += 1) {
        const address = await bed().namespace(account);
        expect(await bed().keys(address)).toEqual([]);
        await bed().put(address, [{ key: `round ${round}` }]);
        await bed().engine.deleteNamespace(address);
        await bed().reopen();
      }
    });

    it('has the hash of the root token', async () => {
      expect(await bed().engine.rootTokenHash()).toBeUndefined();
      const [first, second] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
      await bed().engine.setRootTokenHash(first);
      expect(Buffer.from((await bed().engine.rootTokenHash()) ?? [])).toEqual(first);
      await bed().engine.setRootTokenHash(second);
      await bed().reopen();
      expect(Buffer.from((await bed().engine.rootTokenHash()) ?? [])).toEqual(second);
    });
  });
}

/** Namespaces: made, found, renamed, deleted and listed. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Namespace, NamespacePage } from '../../kv/engine.ts';
import { ANY_PAGE, compareUtf8, type EngineHarness, expectReason, numberedKeys, randomId, useBed } from './bed.ts';

const FIRST_PAGE: NamespacePage = { order: 'id', direction: 'asc', offset: 0, limit: 1_000 };

export function describeNamespaces<Storage>(harness: EngineHarness<Storage>): void {
  describe('namespaces', () => {
    const bed = useBed(harness);
    let account: string;
    beforeEach(() => {
      account = randomId();
    });

    async function create(title: string, id = randomId(), owner = account): Promise<Namespace> {
      const namespace = { id, title };
      await bed().engine.createNamespace(owner, namespace);
      return namespace;
    }

    async function titles(page: Partial<NamespacePage> = {}): Promise<string[]> {
      const { namespaces } = await bed().engine.listNamespaces(account, { ...FIRST_PAGE, order: 'title', ...page });
      return namespaces.map(({ title }) => title);
    }

    it('keeps id, title and jurisdiction', async () => {
      const { engine } = bed();
      const plain = { id: randomId(), title: 'plain' };
      const european = { id: randomId(), title: 'european', jurisdiction: 'eu' };
      for (const namespace of [plain, european]) {
        await engine.createNamespace(account, namespace);
        expect(await engine.getNamespace({ account, id: namespace.id })).toEqual(namespace);
      }
    });

    it('takes any title', async () => {
      const odd = ['\u0000', 'a\nb', '"\'`;--', '%2F/', '😀'.repeat(512), '__proto__', '  ', 'Ａ'];
      for (const title of odd) await create(title);
      expect(await titles()).toEqual(odd.toSorted(compareUtf8));
    });

    it('refuses every operation on a namespace that does not exist', async () => {
      const { engine } = bed();
      const address = { account, id: randomId() };
      await expectReason(engine.getNamespace(address), 'namespaceMissing');
      await expectReason(engine.renameNamespace(address, 'title'), 'namespaceMissing');
      await expectReason(engine.deleteNamespace(address), 'namespaceMissing');
      await expectReason(engine.get(address, 'key'), 'namespaceMissing');
      await expectReason(engine.getMany(address, ['key'], 1), 'namespaceMissing');
      await expectReason(engine.getMany(address, [], 1), 'namespaceMissing');
      await expectReason(engine.getTexts(address, ['key'], 1), 'namespaceMissing');
      await expectReason(engine.getTexts(address, [], 1), 'namespaceMissing');
      await expectReason(engine.list(address, ANY_PAGE), 'namespaceMissing');
      await expectReason(engine.write(address, { deletes: ['key'] }), 'namespaceMissing');
      await expectReason(engine.write(address, {}), 'namespaceMissing');
    });

    it('does not find a namespace through another account', async () => {
      const { id } = await create('mine');
      await expectReason(bed().engine.getNamespace({ account: randomId(), id }), 'namespaceMissing');
    });

    it('has a title once in an account', async () => {
      await create('title');
      await expectReason(create('title'), 'titleTaken');
      await create('title', randomId(), randomId());
      await create('Title');
      expect(await titles()).toEqual(['Title', 'title']);
    });

    it('has an id once in an account', async () => {
      const { id } = await create('one');
      await expectReason(create('two', id), 'idTaken');
      expect(await bed().engine.getNamespace({ account, id })).toEqual({ id, title: 'one' });
    });

    it('keeps two namespaces of one id in two accounts apart', async () => {
      const other = randomId();
      const { id } = await create('one');
      await create('other', id, other);
      await bed().put({ account, id }, [{ key: 'key', value: 'mine' }]);
      expect(await bed().text({ account: other, id }, 'key')).toBeUndefined();
      await bed().engine.deleteNamespace({ account: other, id });
      expect(await bed().text({ account, id }, 'key')).toBe('mine');
    });

    it('lets exactly one of several concurrent creations have a title', async () => {
      const attempts = await Promise.allSettled(Array.from({ length: 10 }, () => create('title')));
      expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await titles()).toEqual(['title']);
    });

    it('never holds more than it may, however many are made at once', async () => {
      const namespacesMax = 3;
      const make = (title: string) => bed().engine.createNamespace(account, { id: randomId(), title }, namespacesMax);
      const attempts = await Promise.allSettled(numberedKeys(10).map(make));
      expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(namespacesMax);
      await expectReason(make('one more'), 'accountFull');
      const [{ id } = expect.unreachable()] = (await bed().engine.listNamespaces(account, FIRST_PAGE)).namespaces;
      await bed().engine.deleteNamespace({ account, id });
      await make('in its place');
      await create('elsewhere', randomId(), randomId());
    });

    it('renames', async () => {
      const { engine } = bed();
      const namespace = { id: randomId(), title: 'before', jurisdiction: 'eu' };
      const address = { account, id: namespace.id };
      await engine.createNamespace(account, namespace);
      await bed().put(address, [{ key: 'key', value: 'value' }]);
      expect(await engine.renameNamespace(address, 'after')).toEqual({ ...namespace, title: 'after' });
      expect(await engine.getNamespace(address)).toEqual({ ...namespace, title: 'after' });
      expect(await bed().text(address, 'key')).toBe('value');
      await create('before');
    });

    it('renames to its own title, but not to that of another', async () => {
      const { engine } = bed();
      const { id } = await create('one');
      await create('two');
      await engine.renameNamespace({ account, id }, 'one');
      await expectReason(engine.renameNamespace({ account, id }, 'two'), 'titleTaken');
      expect(await titles()).toEqual(['one', 'two']);
    });

    it('frees title and id with the deletion', async () => {
      const { id } = await create('title');
      await bed().engine.deleteNamespace({ account, id });
      await expectReason(bed().engine.deleteNamespace({ account, id }), 'namespaceMissing');
      await create('title', id);
    });

    it('tells the accounts that have an id, in ascending order', async () => {
      const { engine } = bed();
      const id = randomId();
      expect(await engine.accountsOfNamespace(id)).toEqual([]);
      await create('another');
      expect(await engine.accountsOfNamespace(id)).toEqual([]);
      const accounts = numberedKeys(5, randomId().slice(6));
      for (const owner of accounts.toReversed()) await create('title', id, owner);
      expect(await engine.accountsOfNamespace(id)).toEqual(accounts);
      const [first = expect.unreachable(), ...rest] = accounts;
      await engine.deleteNamespace({ account: first, id });
      expect(await engine.accountsOfNamespace(id)).toEqual(rest);
      await bed().reopen();
      expect(await bed().engine.accountsOfNamespace(id)).toEqual(rest);
    });

    it('tells the one account that has an id, until it has it no more', async () => {
      const { id } = await create('before');
      await bed().engine.renameNamespace({ account, id }, 'after');
      expect(await bed().engine.accountsOfNamespace(id)).toEqual([account]);
      await bed().engine.deleteNamespace({ account, id });
      expect(await bed().engine.accountsOfNamespace(id)).toEqual([]);
      await create('again', id);
      expect(await bed().engine.accountsOfNamespace(id)).toEqual([account]);
    });

    it('orders by the UTF-8 bytes of id or title, both ways', async () => {
      const created: Namespace[] = [];
      for (const title of ['b', 'a', 'B', 'ä', '\u{ffff}', '😀', 'aa', '1', '10', '9'])
        created.push(await create(title));
      await create('elsewhere', randomId(), randomId());
      for (const order of ['id', 'title'] as const) {
        const sorted = created.toSorted((left, right) => compareUtf8(left[order], right[order]));
        const ascending = await bed().engine.listNamespaces(account, { ...FIRST_PAGE, order });
        expect(ascending).toEqual({ namespaces: sorted, total: created.length });
        const descending = await bed().engine.listNamespaces(account, { ...FIRST_PAGE, order, direction: 'desc' });
        expect(descending).toEqual({ namespaces: sorted.toReversed(), total: created.length });
      }
    });

    it('pages with the total of all', async () => {
      for (const title of ['a', 'b', 'c', 'd', 'e']) await create(title);
      expect(await titles({ offset: 0, limit: 2 })).toEqual(['a', 'b']);
      expect(await titles({ offset: 2, limit: 2 })).toEqual(['c', 'd']);
      expect(await titles({ offset: 4, limit: 2 })).toEqual(['e']);
      const beyond = await bed().engine.listNamespaces(account, { ...FIRST_PAGE, offset: 10, limit: 2 });
      expect(beyond).toEqual({ namespaces: [], total: 5 });
    });

    it('lists no namespaces for an account that has none', async () => {
      expect(await bed().engine.listNamespaces(account, FIRST_PAGE)).toEqual({ namespaces: [], total: 0 });
    });
  });
}

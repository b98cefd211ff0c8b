/** Copying and moving pairs. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Engine, EngineError, type Scan } from '../../server/src/kv/engine.ts';
import { LIMITS } from '../../server/src/kv/limits.ts';
import { packPairs } from '../../server/src/kv/puts.ts';
import { hashToken } from '../../server/src/tokens.ts';
import { appWith } from './app.fixture.ts';
import { linesOf, OwnEndpoints } from './own.fixture.ts';
import { START, serveForTests } from './server.fixture.ts';

const server = serveForTests();

async function open() {
  const [from, to] = [await server.namespace(), await server.namespace()];
  await from.bulkPut([
    { key: 'a/1', value: 'one', metadata: { n: 1 }, expiration: START + 1_000 },
    { key: 'a/2', value: '/w==', base64: true },
    { key: 'b', value: '' },
  ]);
  const [source, target] = [new OwnEndpoints(server.client, from), new OwnEndpoints(server.client, to)];
  const copy = async (request: object = {}) => {
    const answer = await source.copy({ to: { account_id: to.account, namespace_id: to.id }, ...request });
    return linesOf(answer.text).at(-1);
  };
  return { from, to, source, target, copy };
}

const COPIED = { done: true, pairs: 3, skipped: 0, instants: 1 };

describe('a copy', () => {
  test('brings all pairs as they are into another namespace, and leaves them where they were', async () => {
    const { source, target, copy } = await open();
    const before = await source.lines();
    expect(before).toHaveLength(3);
    expect(await copy()).toEqual(COPIED);
    expect(await target.lines()).toEqual(before);
    expect(await source.lines()).toEqual(before);
  });

  test('reaches another account', async () => {
    const { from, source } = await open();
    const to = await server.namespace('c'.repeat(32));
    expect(to.account).not.toBe(from.account);
    await source.copy({ to: { account_id: to.account, namespace_id: to.id } });
    expect(await new OwnEndpoints(server.client, to).lines()).toEqual(await source.lines());
  });

  test.each([
    [{ prefix: 'a/' }, ['a/1', 'a/2']],
    [{ prefix: 'a/', to_prefix: 'copy of a/' }, ['copy of a/1', 'copy of a/2']],
    [{ prefix: 'a/', to_prefix: '' }, ['1', '2']],
    [{ to_prefix: 'é' }, ['éa/1', 'éa/2', 'éb']],
    [{ prefix: 'z' }, []],
  ])('with %j makes these keys', async (request, keys) => {
    const { target, copy } = await open();
    expect(await copy(request)).toEqual({ ...COPIED, pairs: keys.length });
    expect(await target.lines({ show: 'keys' })).toEqual(keys);
  });

  test('goes under another prefix of the same namespace', async () => {
    const { from, source, copy } = await open();
    const to = { namespace_id: from.id };
    expect(await copy({ to, prefix: 'a/', to_prefix: 'c/' })).toEqual({ ...COPIED, pairs: 2 });
    expect(await source.lines({ show: 'keys' })).toEqual(['a/1', 'a/2', 'b', 'c/1', 'c/2']);
  });

  test.each([
    {},
    { prefix: 'a' },
    { prefix: 'a', to_prefix: 'a/' },
    { prefix: 'a/', to_prefix: 'a' },
    { to_prefix: 'x' },
  ])('into its own range, with %j, is refused', async request => {
    const { from, source } = await open();
    const answer = await source.copy({ to: { namespace_id: from.id }, ...request });
    expect(answer.failure).toBe('400 10012');
    expect(answer.message).toContain('neither it nor prefix begins with the other');
    expect(await source.lines({ show: 'keys' })).toEqual(['a/1', 'a/2', 'b']);
  });

  test('that meets pairs overwrites them, skips them or fails, as it is told', async () => {
    const { to, target, copy } = await open();
    await to.put('b', 'there');
    const last = { done: true, instants: 1 };
    expect(await copy({ on_conflict: 'skip' })).toEqual({ ...last, pairs: 2, skipped: 1 });
    expect((await to.get('b')).text).toBe('there');
    expect(await copy({ on_conflict: 'overwrite' })).toEqual({ ...last, pairs: 3, skipped: 0 });
    expect((await to.get('b')).text).toBe('');
    expect(await target.lines({ show: 'keys' })).toEqual(['a/1', 'a/2', 'b']);
  });

  test('that is to fail on conflicts finds them before it writes anything', async () => {
    const { from, to, source, target } = await open();
    await to.bulkPut(['a/2', 'b', 'c'].map(key => ({ key, value: 'there' })));
    const answer = await source.copy({ to: { account_id: to.account, namespace_id: to.id }, on_conflict: 'fail' });
    expect(answer.failure).toBe('409 10409');
    expect(answer.message).toBe('copy: \'2 of the keys are there already, such as "a/2", "b"\'');
    expect(await target.lines({ show: 'keys' })).toEqual(['a/2', 'b', 'c']);
    await from.delete('a/2');
    await from.delete('b');
    const again = await source.copy({ to: { account_id: to.account, namespace_id: to.id }, on_conflict: 'fail' });
    expect(linesOf(again.text)).toEqual([{ ...COPIED, pairs: 1 }]);
  });

  test('that is a dry run counts what it would write and skip', async () => {
    const { to, target, copy } = await open();
    await to.put('b', 'there');
    expect(await copy({ dry_run: true })).toEqual({ done: true, pairs: 3, skipped: 0 });
    expect(await copy({ dry_run: true, on_conflict: 'skip' })).toEqual({ done: true, pairs: 2, skipped: 1 });
    expect(await copy({ dry_run: true, move: true, prefix: 'a', to_prefix: 'x' })).toMatchObject({ pairs: 2 });
    expect(await copy({ dry_run: true, on_conflict: 'fail' })).toMatchObject({ errors: [{ code: 10_409 }] });
    expect(await target.lines({ show: 'keys' })).toEqual(['b']);
  });

  test.each([
    [['k', 'x'.repeat(500)], { to_prefix: 'y'.repeat(13) }, '414 10030'],
    [['k', 'p'], { prefix: 'p', to_prefix: '' }, '400 10042'],
    [['k', 'p.'], { prefix: 'p', to_prefix: '' }, '400 10042'],
    [['k', 'p.'], { prefix: 'p', to_prefix: '.' }, '400 10042'],
    [['k', 'pp'], { prefix: 'pp', to_prefix: '..' }, '400 10042'],
  ])('of %j with %j would make a key that cannot be, and writes nothing', async (keys, request, failure) => {
    const { from, to, source, target } = await open();
    await from.bulkPut(keys.map(key => ({ key, value: 'v' })));
    const answer = await source.copy({ to: { account_id: to.account, namespace_id: to.id }, ...request });
    expect(answer.failure).toBe(failure);
    expect(answer.message).toContain('(item ');
    expect(await target.lines()).toEqual([]);
  });

  test.each([
    [{}, '400 10012', "copy: 'to must be an object'"],
    [{ to: {} }, '400 10012', "copy: 'namespace_id must be 32 hexadecimal digits'"],
    [{ to: { namespace_id: 'x' } }, '400 10012', "copy: 'namespace_id must be 32 hexadecimal digits'"],
    [{ to: { namespace_id: '1'.repeat(32), account: 'x' } }, '400 10012', undefined],
    [{ to: { namespace_id: '1'.repeat(32), account_id: 'x' } }, '400 10012', undefined],
    [{ to: { namespace_id: '1'.repeat(32) }, on_conflict: 'Skip' }, '400 10012', undefined],
    [{ to: { namespace_id: '1'.repeat(32) }, move: 1 }, '400 10012', "copy: 'move must be a boolean'"],
    [{ to: { namespace_id: '1'.repeat(32) }, to_prefix: 'x'.repeat(LIMITS.keyBytes + 1) }, '414 10030', undefined],
    [{ to: { namespace_id: '1'.repeat(32) } }, '404 10013', undefined],
  ])('is refused with %j', async (request, failure, message) => {
    const { source } = await open();
    const answer = await source.copy(request);
    expect(answer.failure).toBe(failure);
    if (message !== undefined) expect(answer.message).toBe(message);
  });
});

describe('a move', () => {
  test('removes pairs where they were', async () => {
    const { source, target, copy } = await open();
    const before = await source.lines();
    expect(await copy({ move: true })).toEqual({ ...COPIED, stayed: 0 });
    expect(await target.lines()).toEqual(before);
    expect(await source.lines()).toEqual([]);
  });

  test('leaves what it has skipped', async () => {
    const { to, source, target, copy } = await open();
    await to.put('a/2', 'there');
    expect(await copy({ move: true, on_conflict: 'skip' })).toEqual({ ...COPIED, pairs: 2, skipped: 1, stayed: 0 });
    expect(await source.lines({ show: 'keys' })).toEqual(['a/2']);
    expect(await target.lines({ show: 'keys' })).toEqual(['a/1', 'a/2', 'b']);
    expect((await to.get('a/2')).text).toBe('there');
  });
});

const ACCOUNT = 'a'.repeat(32);
const FROM = { account: ACCOUNT, id: '1'.repeat(32) };
const TO = { account: ACCOUNT, id: '2'.repeat(32) };
const TO_NAMED = { namespace_id: TO.id };

/** Both namespaces, the first with these pairs. */
async function start(pairs: ReadonlyMap<string, string>, spoil?: (engine: Engine) => Partial<Engine>) {
  const app = await appWith(spoil);
  for (const { account, id } of [FROM, TO]) await app.engine.createNamespace(account, { id, title: id });
  const puts = [...pairs].map(([key, value]) => ({ key, value: Buffer.from(value) }));
  if (puts.length > 0) await app.engine.write(FROM, { puts: packPairs(puts) });
  const read = async (address: typeof FROM) => {
    const lines = await new OwnEndpoints(app.client, address).lines();
    return toMap(lines);
  };
  return { ...app, own: new OwnEndpoints(app.client, FROM), read };
}

function toMap(lines: readonly unknown[]): Map<string, string> {
  return new Map((lines as { key: string; value: string }[]).map(({ key, value }) => [key, value]));
}

const KEY = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const VALUE = fc.constantFrom('1', '2', '3');
const STEP = fc.record({ key: KEY, value: fc.option(VALUE) });

type Step = { readonly key: string; readonly value: string | null };

async function carryOut(engine: Engine, address: typeof FROM, steps: readonly Step[]): Promise<void> {
  for (const { key, value } of steps) {
    if (value === null) await engine.write(address, { deletes: [key] });
    else await engine.put(address, { key, value: Buffer.from(value) });
  }
}

describe('pairs that are written while they are moved', () => {
  test('are never lost: each stays where it was, unless it is as it was copied', async () => {
    let [from, to] = [FROM, TO];
    let [meanwhile, later]: Step[][] = [[], []];
    const { client, engine } = await appWith(inner => ({
      // Behind the scan and before the copies are written; and between these and the removal.
      write: async (...asked) => {
        if (asked[0].id === to.id) await carryOut(inner, from, meanwhile ?? []);
        return inner.write(...asked);
      },
      removeUnchanged: async (...asked) => {
        await carryOut(inner, from, later ?? []);
        return inner.removeUnchanged(...asked);
      },
    }));
    const namespace = async () => {
      const address = { account: ACCOUNT, id: randomBytes(16).toString('hex') };
      await engine.createNamespace(ACCOUNT, { id: address.id, title: address.id });
      return address;
    };
    const read = async (address: typeof FROM) => toMap(await new OwnEndpoints(client, address).lines());
    const steps = fc.array(STEP, { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.array(STEP), steps, steps, async (before, ...during) => {
        [from, to] = [await namespace(), await namespace()];
        await carryOut(engine, from, before);
        const first = await read(from);
        [meanwhile, later] = during;
        const answer = await new OwnEndpoints(client, from).copy({ to: { namespace_id: to.id }, move: true });
        expect(await read(to)).toEqual(first);
        // The same without a move; of that, what is still as it was copied is gone.
        const expected = new Map<string, string | null>(first);
        const happened = first.size === 0 ? [] : during.flat();
        for (const { key, value } of happened) expected.set(key, value);
        const stayed = [...first].filter(([key, value]) => expected.get(key) !== value).length;
        for (const [key, value] of expected) {
          if (value === null || value === first.get(key)) expected.delete(key);
        }
        expect(await read(from)).toEqual(expected);
        expect(linesOf(answer.text).at(-1)).toMatchObject({ pairs: first.size, stayed });
      }),
      { numRuns: 30 * Number(process.env['FREEHOLD_TEST_RUNS'] ?? 1) },
    );
  });

  test('are never lost while many clients write all the time', async () => {
    const keys = Array.from({ length: 6_000 }, (_, n) => `key ${String(n).padStart(5, '0')}`);
    const { own, read, engine } = await start(new Map(keys.map(key => [key, 'first'])));
    let isOver = false;
    let count = 0;
    const acknowledged = new Map<string, string>();
    const writer = async (share: number) => {
      for (let n = share; !isOver; n = (n + 7 * 4) % keys.length) {
        const key = keys[n] ?? '';
        const value = `write ${count++}`;
        await engine.put(FROM, { key, value: Buffer.from(value) });
        acknowledged.set(key, value);
      }
    };
    const writers = [0, 1, 2, 3].map(writer);
    const answer = await own.copy({ to: TO_NAMED, move: true });
    isOver = true;
    await Promise.all(writers);
    expect(linesOf(answer.text).at(-1)).toMatchObject({ done: true });
    const [source, target] = [await read(FROM), await read(TO)];
    expect(acknowledged.size).toBeGreaterThan(0);
    for (const key of keys) {
      const expected = acknowledged.get(key) ?? 'first';
      expect([key, source.get(key) ?? target.get(key)]).toEqual([key, expected]);
    }
  });
});

describe('a copy under way', () => {
  const MANY = new Map(Array.from({ length: 300 }, (_, n) => [`key ${n}`, 'v'.repeat(20_000)]));

  test('that can hold on to its instant no longer goes on at a later one, and says so', async () => {
    let batches = 0;
    const { own, read } = await start(MANY, inner => ({
      scan: async (...asked) => {
        const scan = await inner.scan(...asked);
        return {
          next: () => (++batches === 3 ? Promise.reject(new EngineError('scanEnded')) : scan.next()),
          close: () => scan.close(),
        };
      },
    }));
    expect(linesOf((await own.copy({ to: TO_NAMED })).text)).toEqual([
      { done: true, pairs: 300, skipped: 0, instants: 2 },
    ]);
    expect(await read(TO)).toEqual(MANY);
  });

  test('stops when its client goes away; what was copied stays', async () => {
    let writes = 0;
    const open = new Set<Scan>();
    const left = Promise.withResolvers<void>();
    const { own, engine, client, listener } = await start(MANY, inner => ({
      scan: async (...asked) => {
        const scan = await inner.scan(...asked);
        open.add(scan);
        return {
          next: () => scan.next(),
          close: () => {
            open.delete(scan);
            scan.close();
            left.resolve();
          },
        };
      },
      write: async (...asked) => {
        writes++;
        const written = await inner.write(...asked);
        const isGone = once(answering ?? expect.unreachable(), 'close');
        client.close();
        await isGone;
        return written;
      },
    }));
    let answering: ServerResponse | undefined;
    listener.on('request', (_, response) => {
      answering = response;
    });
    await expect(own.copy({ to: TO_NAMED })).rejects.toThrow();
    await left.promise;
    expect([writes, open.size]).toEqual([1, 0]);
    const copied = await engine.count(TO, '');
    expect(copied).toBeGreaterThan(0);
    expect(copied).toBeLessThan(300);
  });

  test('that meets what was written since it looked says so in its last line', async () => {
    let writes = 0;
    const { own, engine } = await start(MANY, inner => ({
      write: async (...asked) => {
        if (writes++ === 1) await inner.put(TO, { key: 'key 99', value: Buffer.from('there') });
        return inner.write(...asked);
      },
    }));
    const last = linesOf((await own.copy({ to: TO_NAMED, on_conflict: 'fail' })).text).at(-1);
    expect(last).toMatchObject({ error: { code: 10_409 }, skipped: 0 });
    expect(await engine.get(TO, 'key 99')).toMatchObject({ value: 'there' });
  });
});

describe('a token', () => {
  test.each([
    [{ account: ACCOUNT, namespaces: [FROM.id] }, 403],
    [{ account: ACCOUNT, namespaces: [TO.id] }, 403],
    [{ account: ACCOUNT, namespaces: [FROM.id, TO.id], readOnly: true as const }, 403],
    [{ account: ACCOUNT, namespaces: [FROM.id, TO.id] }, 200],
  ])('of %j copies only where it covers both namespaces and may change', async (grant, status) => {
    const { own, engine, client } = await start(new Map([['k', 'v']]));
    const token = { id: 'e'.repeat(32), name: 'limited', hash: hashToken('limited'), createdAt: START, ...grant };
    await engine.createToken(token);
    for (const move of [false, true]) {
      const body = JSON.stringify({ to: TO_NAMED, move });
      const answer = await client.send('POST', `${own.path}/copy`, body, { authorization: 'Bearer limited' });
      expect(answer.status).toBe(status);
    }
    expect(await engine.count(TO, '')).toBe(status === 200 ? 1 : 0);
  });
});

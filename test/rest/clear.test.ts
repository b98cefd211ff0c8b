/** Clearing a namespace, or a part of it. */
import { describe, expect, test } from 'vitest';
import { type Engine, EngineError } from '../../server/src/kv/engine.ts';
import { LIMITS } from '../../server/src/kv/limits.ts';
import { packPairs } from '../../server/src/kv/puts.ts';
import { appWith } from './app.fixture.ts';
import { linesOf, OwnEndpoints } from './own.fixture.ts';
import { START, serveForTests } from './server.fixture.ts';

const server = serveForTests();

async function open() {
  const namespace = await server.namespace();
  return { namespace, own: new OwnEndpoints(server.client, namespace) };
}

describe('a clear', () => {
  test('removes the pairs whose keys begin with a prefix, or all of them', async () => {
    const { namespace, own } = await open();
    await namespace.bulkPut(['a/1', 'a/2', 'b', 'é'].map(key => ({ key, value: 'v' })));
    const answer = await own.clear({ prefix: 'a/' });
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/x-ndjson']);
    expect(linesOf(answer.text)).toEqual([{ done: true, pairs: 2 }]);
    expect(await own.lines({ show: 'keys' })).toEqual(['b', 'é']);
    expect(linesOf((await own.clear({ prefix: '' })).text)).toEqual([{ done: true, pairs: 2 }]);
    expect(await own.lines()).toEqual([]);
    expect(linesOf((await own.clear({ prefix: '' })).text)).toEqual([{ done: true, pairs: 0 }]);
  });

  test('that is a dry run counts, and removes nothing', async () => {
    const { namespace, own } = await open();
    await namespace.bulkPut(['a/1', 'a/2', 'b'].map(key => ({ key, value: 'v' })));
    expect(linesOf((await own.clear({ prefix: 'a', dry_run: true })).text)).toEqual([{ done: true, pairs: 2 }]);
    expect(await own.lines({ show: 'keys' })).toEqual(['a/1', 'a/2', 'b']);
  });

  test.each([
    [{}, '400 10012', "clear: 'prefix must be a string; an empty one stands for all keys'"],
    [{ prefix: 7 }, '400 10012', "clear: 'prefix must be a string'"],
    [{ prefix: '', dryrun: true }, '400 10012', "clear: 'dryrun must be left out: the members are prefix, dry_run'"],
    [{ prefix: '', dry_run: 'yes' }, '400 10012', "clear: 'dry_run must be a boolean'"],
    [{ prefix: 'é'.repeat(257) }, '414 10030', "clear: 'UTF-8 encoded length of 514 exceeds key length limit of 512.'"],
    [[], '400 10012', "clear: 'body must be a JSON object (not an object)'"],
  ])('is refused with %j, and removes nothing', async (request, failure, message) => {
    const { namespace, own } = await open();
    await namespace.put('k', 'v');
    const answer = await own.clear(request);
    expect([answer.failure, answer.message]).toEqual([failure, message]);
    expect(await own.lines({ show: 'keys' })).toEqual(['k']);
  });
});

const ADDRESS = { account: 'a'.repeat(32), id: '1'.repeat(32) };
const BATCHES = 3;

/** An application whose clock moves on by a second at each write, with several batches of pairs. */
async function start(onWrite: (engine: Engine, write: number) => Promise<void> = () => Promise.resolve()) {
  let now = START;
  let writes = 0;
  const spoil = (inner: Engine): Partial<Engine> => ({
    write: async (...asked) => {
      now++;
      await onWrite(inner, writes++);
      return inner.write(...asked);
    },
  });
  const { client, engine } = await appWith(spoil, { clock: () => now });
  await engine.createNamespace(ADDRESS.account, { id: ADDRESS.id, title: 'title' });
  for (let batch = 0; batch < BATCHES; batch++) {
    const keys = Array.from({ length: LIMITS.bulkDeleteKeys }, (_, n) => `${batch}/${n}`);
    await engine.write(ADDRESS, { puts: packPairs(keys.map(key => ({ key, value: Buffer.from('v') }))) });
  }
  return { engine, own: new OwnEndpoints(client, ADDRESS) };
}

describe('a clear of many pairs', () => {
  test('tells how far it has come', async () => {
    const { own } = await start();
    expect(linesOf((await own.clear({ prefix: '' })).text)).toEqual([
      { pairs: 10_000 },
      { pairs: 20_000 },
      { pairs: 30_000 },
      { done: true, pairs: 30_000 },
    ]);
    expect((await own.count()).result()).toEqual({ count: 0 });
  });

  test('that fails on its way says so in its last line, and what it had removed stays removed', async () => {
    const { own } = await start((_, write) =>
      write === 1 ? Promise.reject(new EngineError('unavailable', 'the disk is gone')) : Promise.resolve(),
    );
    const message = 'The storage engine cannot take this request: the disk is gone';
    expect(linesOf((await own.clear({ prefix: '' })).text)).toEqual([
      { pairs: 10_000 },
      { error: { code: 10503, message }, pairs: 10_000 },
    ]);
    expect((await own.count()).result()).toEqual({ count: 20_000 });
  });

  test('that fails before it has removed anything is refused', async () => {
    const { own } = await start(() => Promise.reject(new EngineError('unavailable')));
    expect((await own.clear({ prefix: '' })).failure).toBe('503 10503');
    expect((await own.count()).result()).toEqual({ count: 30_000 });
  });

  test('that meets a defect is cut off', async () => {
    const { own } = await start((_, write) =>
      write === 1 ? Promise.reject(new TypeError('a defect')) : Promise.resolve(),
    );
    await expect(own.clear({ prefix: '' })).rejects.toThrow();
    expect((await own.count()).result()).toEqual({ count: 20_000 });
  });

  test('holds no scan open while it removes, so that the log can begin anew', async () => {
    const { own, engine } = await start(async inner => {
      const scan = await inner.scan(ADDRESS, { prefix: '', after: '', values: false }, 1);
      scan.close();
    });
    expect(linesOf((await own.clear({ prefix: '' })).text).at(-1)).toEqual({ done: true, pairs: 30_000 });
    expect(await engine.count(ADDRESS, '')).toBe(0);
  });
});

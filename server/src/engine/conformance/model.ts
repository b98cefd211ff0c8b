/** The whole engine against a Map. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NamespaceAddress } from '../../kv/engine.ts';
import { type Bed, compareUtf8, type EngineHarness, stored, type TestPair, useBed } from './bed.ts';

const KEY = fc.constantFrom('a', 'a/', 'a/b', 'b', 'é', '\u{ffff}', '😀', '\u0000', 'z'.repeat(512));
const KEYS = fc.uniqueArray(KEY, { maxLength: 9 });
const TTL_SECONDS = fc.option(fc.integer({ min: 0, max: 30 }), { nil: undefined });

const PUT = fc.record({
  key: KEY,
  value: fc.string({ maxLength: 20 }),
  metadata: fc.option(fc.constantFrom('{}', '1.00', '"😀"'), { nil: undefined }),
  ttlSeconds: TTL_SECONDS,
});

/** An operation on the engine and on the model, with the comparison of the two where it reads. */
type Operation = (run: Run) => Promise<void>;

interface Run {
  readonly bed: Bed;
  readonly address: NamespaceAddress;
  readonly model: Map<string, TestPair>;
}

function living({ bed, model }: Run): TestPair[] {
  const pairs = [...model.values()].filter(({ expiresAt }) => expiresAt === undefined || expiresAt > bed.now);
  return pairs.toSorted((left, right) => compareUtf8(left.key, right.key));
}

function found(run: Run, key: string) {
  const pair = living(run).find(candidate => candidate.key === key);
  return pair === undefined ? undefined : stored(pair);
}

const put = fc.uniqueArray(PUT, { selector: ({ key }) => key, maxLength: 6 }).map(
  (puts): Operation =>
    async run => {
      const { bed, address, model } = run;
      const pairs = puts.map(({ ttlSeconds, ...pair }) => ({
        ...pair,
        expiresAt: ttlSeconds === undefined ? undefined : bed.now + ttlSeconds,
      }));
      await bed.put(address, pairs);
      for (const pair of pairs) model.set(pair.key, pair);
    },
);

const putOne = PUT.map(
  ({ ttlSeconds, ...rest }): Operation =>
    async ({ bed, address, model }) => {
      const pair = { ...rest, expiresAt: ttlSeconds === undefined ? undefined : bed.now + ttlSeconds };
      await bed.putOne(address, pair);
      model.set(pair.key, pair);
    },
);

const remove = KEYS.map(
  (keys): Operation =>
    async ({ bed, address, model }) => {
      await bed.delete(address, keys);
      for (const key of keys) model.delete(key);
    },
);

const get = KEY.map(
  (key): Operation =>
    async run => {
      expect(await run.bed.get(run.address, key)).toEqual(found(run, key));
    },
);

const getMany = KEYS.map(
  (keys): Operation =>
    async run => {
      const pairs = await run.bed.getMany(run.address, keys, 10_000);
      expect(pairs).toEqual(keys.map(key => found(run, key)));
    },
);

const list = fc.tuple(fc.constantFrom('', 'a', 'a/', 'zz', '😀'), fc.integer({ min: 1, max: 5 })).map(
  ([prefix, limit]): Operation =>
    async run => {
      const expected = living(run).filter(({ key }) => key.startsWith(prefix));
      const listed = await run.bed.listAll(run.address, { prefix, limit });
      expect(listed).toEqual(
        expected.map(pair => {
          const { value: _, ...rest } = stored(pair);
          return { key: pair.key, ...rest };
        }),
      );
    },
);

const advance = fc.integer({ min: 1, max: 20 }).map(
  (seconds): Operation =>
    ({ bed }) => {
      bed.now += seconds;
      return Promise.resolve();
    },
);

const reopen = fc.constant<Operation>(({ bed }) => bed.reopen());

const recreate = fc.constant<Operation>(async ({ bed, address, model }) => {
  await bed.engine.deleteNamespace(address);
  await bed.engine.createNamespace(address.account, { id: address.id, title: 'recreated' });
  model.clear();
});

const OPERATIONS = fc.array(
  fc.oneof(
    { weight: 20, arbitrary: put },
    { weight: 10, arbitrary: putOne },
    { weight: 10, arbitrary: remove },
    { weight: 15, arbitrary: get },
    { weight: 10, arbitrary: getMany },
    { weight: 20, arbitrary: list },
    { weight: 10, arbitrary: advance },
    { weight: 2, arbitrary: recreate },
    { weight: 1, arbitrary: reopen },
  ),
  { minLength: 20, maxLength: 60, size: 'max' },
);

export function describeModel<Storage>(harness: EngineHarness<Storage>): void {
  describe('a random sequence of operations', () => {
    const bed = useBed(harness);

    it('leaves what it leaves in a Map', async () => {
      const property = fc.asyncProperty(OPERATIONS, async operations => {
        const run = { bed: bed(), address: await bed().namespace(), model: new Map<string, TestPair>() };
        for (const operation of operations) await operation(run);
        expect(await bed().keys(run.address)).toEqual(living(run).map(({ key }) => key));
      });
      await fc.assert(property, { numRuns: 40 });
    });
  });
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ApiClient } from '../../server/src/remote/api-client.ts';
import { listNamespaces } from '../../server/src/remote/namespaces.ts';
import type { Timer } from '../../server/src/remote/timer.ts';
import type { Place } from '../../server/src/transfer/move.ts';
import { pullPairs } from '../../server/src/transfer/pull.ts';
import { pushPairs } from '../../server/src/transfer/push.ts';
import { NOTHING_MOVED, type Reached } from '../../server/src/transfer/resume-state.ts';
import { useFreehold } from '../clients/freehold.fixture.ts';
import { ACCOUNT, Commands, inOrder, type PlainPair, TOKEN } from './commands.fixture.ts';
import { pairs } from './pairs.fixture.ts';
import { type Choice, type Mischief, UnrulyProxy } from './unruly-proxy.fixture.ts';

const [near, far] = [useFreehold(), useFreehold()];
const [here, there] = [new Commands(near), new Commands(far)];
const RUNS = 8 * Number(process.env['FREEHOLD_TEST_RUNS'] ?? 1);

/** Waits for nothing, and knows what it was to wait for. */
class Hurried implements Timer {
  readonly slept: number[] = [];
  #now = Date.now();

  now(): number {
    return this.#now;
  }

  sleep(ms: number): Promise<void> {
    this.slept.push(ms);
    this.#now += ms;
    return new Promise(setImmediate);
  }

  random(): number {
    return 0.5;
  }
}

const START: Reached = { place: '', counts: NOTHING_MOVED, before: 0 };

function placeAt(url: string, id: string, timer: Timer): Place {
  return { api: new ApiClient({ url, token: TOKEN, timer }), namespace: { account: ACCOUNT, id, title: 'any' } };
}

interface Moved {
  readonly kept: Reached[];
  readonly timer: Hurried;
  readonly calls: readonly string[];
}

/** From a namespace of the one server to one of the other, which the proxy stands before. */
async function move(
  way: 'pull' | 'push',
  ids: { readonly near: string; readonly far: string },
  { choose, reached = START }: { readonly choose?: Choice; readonly reached?: Reached } = {},
): Promise<Moved> {
  let isUnruly = false;
  const chosen: Choice = (path, method) => (isUnruly ? choose?.(path, method) : undefined);
  await using nearProxy = await UnrulyProxy.start(near.url, chosen);
  await using farProxy = await UnrulyProxy.start(far.url, chosen);
  const timer = new Hurried();
  const kept: Reached[] = [];
  const keep = (at: Reached) => {
    kept.push(at);
    return Promise.resolve();
  };
  const [one, other] = [placeAt(nearProxy.url, ids.near, timer), placeAt(farProxy.url, ids.far, timer)];
  // What never answered is not asked again.
  for (const { api } of [one, other]) await listNamespaces(api, ACCOUNT);
  isUnruly = true;
  try {
    if (way === 'pull') await pullPairs({ from: other, to: one, reached, keep });
    else await pushPairs({ from: one, to: other, reached, keep, timer });
  } finally {
    await Promise.all([one.api.close(), other.api.close()]);
  }
  return { kept, timer, calls: farProxy.calls };
}

/** Pairs enough for several pages. */
const MANY: readonly PlainPair[] = Array.from({ length: 2_500 }, (_, index) => ({
  key: `plain ${index}`,
  value: Buffer.from(`value ${index}`),
}));

async function namespaces(way: 'pull' | 'push', given: readonly PlainPair[]): Promise<{ near: string; far: string }> {
  const [source, destination] = way === 'pull' ? [there, here] : [here, there];
  const [from, to] = [await source.namespace(given), await destination.namespace()];
  return way === 'pull' ? { near: to, far: from } : { near: from, far: to };
}

const mischief: fc.Arbitrary<Mischief> = fc.oneof(
  fc.constantFrom(
    { status: 429, headers: { 'retry-after': '7' } },
    { status: 500 },
    { status: 502, body: '<html>Bad gateway</html>' },
    { status: 503 },
    { cutAfterBytes: 0 },
  ),
  fc.integer({ min: 1, max: 3_000 }).map(cutAfterBytes => ({ cutAfterBytes })),
);

/** Of the first calls, fewer than it takes for one of them to be given up. */
const faults = fc
  .array(fc.option(mischief, { nil: undefined, freq: 1 }), { maxLength: 12 })
  .filter(choices => choices.filter(choice => choice !== undefined).length <= 5);

function inTurn(choices: readonly (Mischief | undefined)[]): Choice {
  let call = 0;
  return () => choices[call++];
}

describe.each(['pull', 'push'] as const)('%s', way => {
  const destination = (ids: { near: string; far: string }) =>
    way === 'pull' ? here.exported(ids.near) : there.exported(ids.far);

  test('moves every pair as it is', { timeout: 60_000 + RUNS * 10_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(pairs, async given => {
        const ids = await namespaces(way, given);
        await move(way, ids);
        expect(await destination(ids)).toEqual(inOrder(given));
      }),
      { numRuns: RUNS },
    );
  });

  test('does so over connections that break and through servers that refuse', {
    timeout: 60_000 + RUNS * 20_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(pairs, faults, async (some, choices) => {
        const given = [...some.filter(({ key }) => !key.startsWith('plain')), ...MANY];
        const ids = await namespaces(way, given);
        await move(way, ids, { choose: inTurn(choices) });
        expect(await destination(ids)).toEqual(inOrder(given));
      }),
      { numRuns: RUNS },
    );
  });

  test('keeps every place that it has come to, and goes on from there', async () => {
    const given = inOrder(Array.from({ length: 12_000 }, (_, index) => ({ key: `${index}`, value: Buffer.from('v') })));
    const ids = await namespaces(way, given);
    const { kept } = await move(way, ids);
    const again = await namespaces(way, []);
    const from = way === 'pull' ? { near: again.near, far: ids.far } : { near: ids.near, far: again.far };
    const [first] = kept;
    expect(first?.counts.found).toBeGreaterThan(0);
    await move(way, from, { ...(first && { reached: first }) });
    const rest = given.length - (first?.counts.found ?? 0);
    expect(await (way === 'pull' ? here.count(from.near) : there.count(from.far))).toBe(rest);
  });
});

test('what a server asks to wait is waited for', async () => {
  const ids = await namespaces('pull', MANY.slice(0, 3));
  let calls = 0;
  const choose = () => (++calls === 2 ? { status: 429, headers: { 'retry-after': '7' } } : undefined);
  const { timer } = await move('pull', ids, { choose });
  expect(Math.max(...timer.slept)).toBe(7_000);
});

test('a few values that are no text cost a few calls, and large ones too', async () => {
  const binary = { key: 'plain binary', value: Buffer.from([0xff, 0]) };
  const large = Array.from({ length: 3 }, (_, index) => ({ key: `x${index}`, value: Buffer.alloc(9_000_000, 'x') }));
  const ids = await namespaces('pull', [...MANY.slice(0, 300), binary]);
  for (const pair of large) await there.put(ids.far, [pair]);
  const { calls } = await move('pull', ids);
  const moved = new Map((await here.exported(ids.near)).map(({ key, value }) => [key, value]));
  const differing = [...MANY.slice(0, 300), binary, ...large].filter(
    ({ key, value }) => !moved.get(key)?.equals(value),
  );
  expect(differing.map(({ key }) => key)).toEqual([]);
  expect(moved.size).toBe(304);
  expect(calls.length).toBeLessThan(40);
});

test('a text with U+FFFD in it is read by itself, once', async () => {
  const given = [...MANY.slice(0, 5), { key: 'x', value: Buffer.from('a\ufffd') }];
  const ids = await namespaces('pull', given);
  const { calls } = await move('pull', ids);
  expect(await here.pairs(ids.near)).toEqual(inOrder(given));
  expect(calls.filter(call => call.includes('/values/'))).toHaveLength(1);
});

test('keys that the destination has not stored are written again', async () => {
  const given = MANY.slice(0, 10);
  const ids = await namespaces('push', given);
  let writes = 0;
  const failed = JSON.stringify({
    success: true,
    result: { successful_key_count: 8, unsuccessful_keys: ['plain 3', 'plain 7'] },
    errors: [],
  });
  const choose: Choice = path => {
    return path.endsWith('/bulk') && ++writes === 1 ? { status: 200, body: failed } : undefined;
  };
  await move('push', ids, { choose });
  expect((await there.pairs(ids.far)).map(({ key }) => key)).toEqual(['plain 3', 'plain 7']);
});

test('a pair that expires within a minute is not pushed', async () => {
  const ids = await namespaces('push', MANY.slice(0, 2));
  const expiration = Math.floor(Date.now() / 1_000) + 50;
  await here.import(ids.near, [{ key: 'soon', value: 'v', expiration }]);
  const { kept } = await move('push', ids);
  expect(kept.at(-1)?.counts).toMatchObject({ found: 3, written: 2, expired: 1 });
  expect(await there.count(ids.far)).toBe(2);
});

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { broken, FakeServer, found, refusing, silent } from './fetch.fixture.ts';
import type { FreeholdNamespace } from './index.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-10-06T12:00:00Z') });
  vi.spyOn(Math, 'random').mockReturnValue(1);
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

type Run = (kv: FreeholdNamespace) => Promise<unknown>;

const READS: Readonly<Record<string, Run>> = {
  get: kv => kv.get('key'),
  'get of many': kv => kv.get(['key']),
  getWithMetadata: kv => kv.getWithMetadata('key'),
  list: kv => kv.list(),
  keys: kv => kv.keys().next(),
};

const WRITES: Readonly<Record<string, Run>> = {
  'put of text': kv => kv.put('key', 'value'),
  'put of bytes': kv => kv.put('key', new Uint8Array(3)),
  delete: kv => kv.delete('key'),
  putMany: kv => kv.putMany([{ key: 'key', value: 'value' }]),
  deleteMany: kv => kv.deleteMany(['key']),
};

const PUT_STREAM: Run = kv => kv.put('key', new Blob(['value']).stream());

const FAILURES = {
  'a broken connection': broken,
  'no answer in time': silent,
  '408': refusing(408),
  '429': refusing(429),
  '500': refusing(500),
  '502': refusing(502),
  '503': refusing(503),
  '504': refusing(504),
  '507': refusing(507),
};

/** How many requests there are until the call gives up. */
async function attempts(run: Run, failure: () => Response | Error | undefined): Promise<number> {
  const server = new FakeServer(failure);
  const outcome = expect(run(server.connect({ retries: 2, timeoutMs: 1_000 }))).rejects.toThrow(/^KV /);
  await vi.advanceTimersByTimeAsync(60_000);
  await outcome;
  return server.asked.length;
}

async function repeatedFailures(run: Run): Promise<string[]> {
  const repeated: string[] = [];
  for (const [name, failure] of Object.entries(FAILURES)) {
    const count = await attempts(run, failure);
    if (count > 1) repeated.push(name);
    expect([1, 3]).toContain(count);
  }
  return repeated;
}

describe('what is repeated', () => {
  test.each(Object.entries(READS))('%s: after anything that may pass', async (_, run) => {
    const passing = ['a broken connection', 'no answer in time', '408', '429', '502', '503', '504'];
    expect((await repeatedFailures(run)).toSorted()).toEqual(passing.toSorted());
  });

  test.each(Object.entries(WRITES))('%s: only where the server says that repeating is safe', async (_, run) => {
    expect(await repeatedFailures(run)).toEqual(['429', '503']);
  });

  test('put of a stream: never', async () => {
    expect(await repeatedFailures(PUT_STREAM)).toEqual([]);
  });
});

test('a repetition sends the bytes that there were at the time of the call', async () => {
  const server = new FakeServer(refusing(503), found);
  const bytes = new Uint8Array([1, 2, 3]);
  const done = server.connect().put('key', bytes);
  bytes.fill(0);
  await vi.advanceTimersByTimeAsync(60_000);
  await done;
  expect(server.asked.map(({ init }) => init.body)).toEqual([new Uint8Array([1, 2, 3]), new Uint8Array([1, 2, 3])]);
});

describe('when', () => {
  /** The milliseconds of each request. */
  async function times(server: FakeServer, options: Parameters<FakeServer['connect']>[0] = {}): Promise<number[]> {
    const start = Date.now();
    const seen: number[] = [];
    const done = server
      .connect(options)
      .get('key')
      .catch(() => undefined);
    for (let ms = 0; ms <= 120_000; ms += 25) {
      while (seen.length < server.asked.length) seen.push(Date.now() - start);
      await vi.advanceTimersByTimeAsync(25);
    }
    await done;
    return seen;
  }

  test('after 250 ms, and twice as long every time, four times', async () => {
    expect(await times(new FakeServer(refusing(503)))).toEqual([0, 250, 750, 1_750, 3_750]);
  });

  test('after no more than eight seconds', async () => {
    const seen = await times(new FakeServer(refusing(503)), { retries: 8 });
    expect(seen.slice(-3)).toEqual([15_750, 23_750, 31_750]);
  });

  test('after half of it where chance will have it so', async () => {
    vi.mocked(Math.random).mockReturnValue(0);
    expect(await times(new FakeServer(refusing(503)))).toEqual([0, 125, 375, 875, 1_875]);
  });

  test.each([
    ['seconds', '10'],
    ['a date', 'Tue, 06 Oct 2026 12:00:10 GMT'],
  ])('not before the time in Retry-After, as %s', async (_, after) => {
    expect(await times(new FakeServer(refusing(503, { 'retry-after': after }), found))).toEqual([0, 10_000]);
  });

  test.each(['Tue, 06 Oct 2026 11:00:00 GMT', '0', 'soon'])('as ever where Retry-After is %j', async after => {
    expect(await times(new FakeServer(refusing(503, { 'retry-after': after }), found))).toEqual([0, 250]);
  });

  test('never where Retry-After is longer than half a minute, which the error tells', async () => {
    const server = new FakeServer(refusing(429, { 'retry-after': '31' }));
    await expect(server.connect().get('key')).rejects.toMatchObject({ status: 429, retryAfterMs: 31_000 });
    expect(server.asked).toHaveLength(1);
  });

  test('never where retries is 0', async () => {
    const server = new FakeServer(broken);
    await expect(server.connect({ retries: 0 }).get('key')).rejects.toThrow('KV GET failed: other side closed');
    expect(server.asked).toHaveLength(1);
  });
});

describe("the caller's signal", () => {
  test.each(['of the call', 'of connect'])('%s ends a wait at once, with its reason', async which => {
    const controller = new AbortController();
    const { signal } = controller;
    const server = new FakeServer(refusing(503));
    const kv = server.connect(which === 'of connect' ? { signal } : {});
    const outcome = expect(kv.get('key', which === 'of the call' ? { signal } : {})).rejects.toThrow('enough');
    await vi.advanceTimersByTimeAsync(100);
    controller.abort(new RangeError('enough'));
    await outcome;
    expect(vi.getTimerCount()).toBe(0);
    expect(server.asked).toHaveLength(1);
  });

  test('ends a request, and what is read is not repeated', async () => {
    const controller = new AbortController();
    const server = new FakeServer(silent);
    const outcome = expect(server.connect().get('key', { signal: controller.signal })).rejects.toThrow('enough');
    await vi.advanceTimersByTimeAsync(100);
    controller.abort(new RangeError('enough'));
    await outcome;
    expect(vi.getTimerCount()).toBe(0);
    expect(server.asked).toHaveLength(1);
  });

  test('that is aborted already lets no request out', async () => {
    const server = new FakeServer(found);
    await expect(server.connect().put('key', 'value', { signal: AbortSignal.abort() })).rejects.toThrow(/aborted/);
    expect(server.asked).toHaveLength(0);
  });
});

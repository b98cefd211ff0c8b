import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ByteBudget, type Reservation } from './byte-budget.ts';

const WAIT_MS = 1_000;
const NEVER = new AbortController().signal;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

function budgetOf(limitBytes: number): ByteBudget {
  return new ByteBudget({ limitBytes, waitMs: WAIT_MS });
}

async function reserved(budget: ByteBudget, bytes: number): Promise<Reservation> {
  return (await budget.reserve(bytes, NEVER)) ?? expect.unreachable('it did not fit');
}

test('what fits is reserved at once, and free again when it is released', async () => {
  const budget = budgetOf(10);
  const first = await reserved(budget, 6);
  const second = await reserved(budget, 4);
  expect(budget.inFlight).toBe(10);
  expect(budget.tryReserve(1)).toBeUndefined();
  first.release();
  first.release();
  expect(budget.inFlight).toBe(4);
  second.shrink(1);
  second.shrink(3);
  expect([second.bytes, budget.inFlight]).toEqual([1, 1]);
  second.release();
  expect(budget.inFlight).toBe(0);
});

test('what is larger than the limit goes alone', async () => {
  const budget = budgetOf(10);
  const large = await reserved(budget, 100);
  const other = budget.reserve(1, NEVER);
  expect(budget.waiting).toBe(1);
  large.release();
  (await other)?.release();
  const small = await reserved(budget, 1);
  const again = budget.reserve(100, NEVER);
  small.release();
  expect((await again)?.bytes).toBe(100);
});

test('who came first goes first, though a smaller one behind would fit', async () => {
  const budget = budgetOf(10);
  const first = await reserved(budget, 6);
  const order: string[] = [];
  const large = budget.reserve(8, NEVER).then(reservation => {
    order.push('large');
    return reservation;
  });
  const small = budget.reserve(1, NEVER).then(reservation => {
    order.push('small');
    return reservation;
  });
  expect(budget.tryReserve(1)).toBeUndefined();
  first.release();
  await Promise.all([large, small]);
  expect(order).toEqual(['large', 'small']);
  expect(budget.inFlight).toBe(9);
});

test('who has waited too long gets nothing, and those behind go on', async () => {
  const budget = budgetOf(10);
  const first = await reserved(budget, 6);
  const large = budget.reserve(8, NEVER);
  vi.advanceTimersByTime(WAIT_MS / 2);
  const small = budget.reserve(4, NEVER);
  vi.advanceTimersByTime(WAIT_MS / 2);
  expect(await large).toBeUndefined();
  expect((await small)?.bytes).toBe(4);
  expect([budget.inFlight, budget.waiting]).toEqual([10, 0]);
  first.release();
});

test('who goes away while waiting makes room at once', async () => {
  const budget = budgetOf(10);
  await reserved(budget, 6);
  const gone = new AbortController();
  const large = budget.reserve(8, gone.signal);
  const small = budget.reserve(4, NEVER);
  gone.abort();
  expect(await large).toBeUndefined();
  expect((await small)?.bytes).toBe(4);
  expect(await budget.reserve(8, gone.signal)).toBeUndefined();
});

/** Reserve, release the oldest, have the oldest that waits give up, or let time pass. */
const step = fc.oneof(
  fc.integer({ min: 1, max: 15 }),
  fc.constant('release' as const),
  fc.constant('abort' as const),
  fc.constant('wait' as const),
);

test('whatever comes, no more is reserved than the limit or one alone, and nobody waits who would fit', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async steps => {
      const budget = budgetOf(10);
      const held: Reservation[] = [];
      const waiting = new Map<AbortController, number>();
      for (const taken of steps) {
        if (typeof taken === 'number') {
          const gone = new AbortController();
          waiting.set(gone, taken);
          void budget.reserve(taken, gone.signal).then(reservation => {
            waiting.delete(gone);
            if (reservation !== undefined) held.push(reservation);
          });
        } else if (taken === 'release') {
          held.shift()?.release();
        } else if (taken === 'abort') {
          [...waiting.keys()][0]?.abort();
        } else {
          vi.advanceTimersByTime(WAIT_MS);
        }
        await new Promise(setImmediate);
        const bytes = held.reduce((sum, reservation) => sum + reservation.bytes, 0);
        expect([budget.inFlight, budget.waiting]).toEqual([bytes, waiting.size]);
        expect(bytes <= 10 || held.length === 1).toBe(true);
        const [next] = waiting.values();
        expect(next === undefined || (bytes > 0 && bytes + next > 10)).toBe(true);
      }
      vi.advanceTimersByTime(WAIT_MS);
    }),
    { numRuns: 200 },
  );
});

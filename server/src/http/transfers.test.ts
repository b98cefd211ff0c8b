import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Transfers } from './transfers.ts';

const WINDOW_MS = 1_000;
const WINDOW_BYTES = 100;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});

afterEach(() => {
  vi.useRealTimers();
});

function started(): Transfers {
  const transfers = new Transfers({ windowMs: WINDOW_MS, windowBytes: WINDOW_BYTES });
  transfers.start();
  return transfers;
}

/** Windows in which so many bytes move, and the one after which the transfer was ended, if it was. */
function endOf(bytesPerWindow: readonly number[]): number | undefined {
  const transfers = started();
  let moved = 12_345;
  const end = vi.fn();
  transfers.add({ moved: () => moved, end });
  for (const [window, bytes] of bytesPerWindow.entries()) {
    moved += bytes;
    vi.advanceTimersByTime(WINDOW_MS);
    if (end.mock.calls.length > 0) {
      vi.advanceTimersByTime(5 * WINDOW_MS);
      expect(end).toHaveBeenCalledTimes(1);
      return window;
    }
  }
  return undefined;
}

test('what moves fast enough in every window goes on, and what does not is ended once', () => {
  expect(endOf([0, 100, 100, 100, 100])).toBeUndefined();
  expect(endOf([1_000, 100, 1_000, 99, 100])).toBe(3);
  expect(endOf([1_000, 0])).toBe(1);
});

test('what began within a window is first judged over a whole one', () => {
  expect(endOf([0])).toBeUndefined();
});

test('what is over is not looked at', () => {
  const transfers = started();
  const transfer = { moved: vi.fn(() => 0), end: vi.fn() };
  transfers.add(transfer);
  transfers.delete(transfer);
  vi.advanceTimersByTime(5 * WINDOW_MS);
  expect(transfer.moved).not.toHaveBeenCalled();
  expect(transfer.end).not.toHaveBeenCalled();
});

test('nothing is ended before it is started, twice in a window where that is repeated, or after it was stopped', () => {
  const transfers = new Transfers({ windowMs: WINDOW_MS, windowBytes: WINDOW_BYTES });
  const transfer = { moved: vi.fn(() => 0), end: vi.fn() };
  transfers.add(transfer);
  vi.advanceTimersByTime(5 * WINDOW_MS);
  transfers.start();
  transfers.start();
  vi.advanceTimersByTime(WINDOW_MS);
  expect(transfer.moved).toHaveBeenCalledTimes(1);
  transfers.stop();
  vi.advanceTimersByTime(5 * WINDOW_MS);
  expect(transfer.end).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});

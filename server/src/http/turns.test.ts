import { expect, test } from 'vitest';
import { inTurns } from './turns.ts';

test('others get their turn between two steps', async () => {
  const order: string[] = [];
  function* steps(): Generator<void, string, void> {
    for (const step of ['a', 'b', 'c']) {
      order.push(step);
      setImmediate(() => order.push(`after ${step}`));
      yield;
    }
    return 'done';
  }
  expect(await inTurns(steps())).toBe('done');
  expect(order).toEqual(['a', 'after a', 'b', 'after b', 'c', 'after c']);
});

test('what a step throws comes out', async () => {
  function* steps(): Generator<void, never, void> {
    yield;
    throw new RangeError('no');
  }
  await expect(inTurns(steps())).rejects.toThrow(new RangeError('no'));
});

import { expect, test } from 'vitest';
import type { Steps } from '../kv/steps.ts';
import { inTurns } from './turns.ts';

test('others get their turn between two steps', async () => {
  const order: string[] = [];
  function* steps(): Steps<string> {
    for (const step of ['a', 'b', 'c']) {
      order.push(step);
      setImmediate(() => order.push(`after ${step}`));
      yield undefined;
    }
    return 'done';
  }
  expect(await inTurns(steps())).toBe('done');
  expect(order).toEqual(['a', 'after a', 'b', 'after b', 'c', 'after c']);
});

test('what a step throws comes out', async () => {
  function* steps(): Steps<never> {
    yield undefined;
    throw new RangeError('no');
  }
  await expect(inTurns(steps())).rejects.toThrow(new RangeError('no'));
});

test('a step that waits for something is followed by the next one as soon as that is there', async () => {
  const order: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  function* steps(): Steps<string> {
    order.push('a');
    yield promise;
    order.push('b');
    return 'done';
  }
  const working = inTurns(steps());
  await new Promise(setImmediate);
  expect(order).toEqual(['a']);
  resolve();
  expect(await working).toBe('done');
});

test('what it waits for in vain comes out', async () => {
  function* steps(): Steps<string> {
    yield Promise.reject(new RangeError('no'));
    return 'done';
  }
  await expect(inTurns(steps())).rejects.toThrow(new RangeError('no'));
});

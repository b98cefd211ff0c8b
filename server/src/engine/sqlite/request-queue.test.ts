import { expect, it } from 'vitest';
import { packPairs } from '../../kv/puts.ts';
import { SQLITE } from './constants.ts';
import { packKeys } from './key-arena.ts';
import type { Request } from './messages.ts';
import { RequestQueue } from './request-queue.ts';

const address = { account: 'a', id: 'b' };

function write(number: number, bytes: number, deletes: string[] = []): Request {
  return { number, count: 1, change: { kind: 'write', address, deletes: packKeys(deletes), bytes } };
}

function drain(queue: RequestQueue): number[][] {
  const groups: number[][] = [];
  for (let group = queue.next(); group !== undefined; group = queue.next()) {
    groups.push(group.map(({ number }) => number));
  }
  return groups;
}

it('takes small requests together, in their order, before bulks, each alone', () => {
  const queue = new RequestQueue();
  queue.add(write(1, SQLITE.bulkBytesMin));
  queue.add(write(2, 1, Array(SQLITE.bulkChangesMin).fill('key')));
  for (const number of [3, 4, 5]) queue.add(write(number, 1));
  queue.add({ number: 6, count: 1, change: { kind: 'deleteNamespace', address } });
  expect(drain(queue)).toEqual([[3, 4, 5, 6], [1], [2]]);
});

it('counts puts and deletes alike as changes', () => {
  const queue = new RequestQueue();
  const half = SQLITE.bulkChangesMin / 2;
  const puts = packPairs(Array.from({ length: half }, (_, index) => ({ key: String(index), value: new Uint8Array() })));
  const deletes = packKeys(Array(half).fill('key'));
  queue.add({ number: 1, count: 1, change: { kind: 'write', address, puts, deletes, bytes: 1 } });
  queue.add(write(2, 1));
  expect(drain(queue)).toEqual([[2], [1]]);
});

it('lets a bulk follow each group, however many small requests come', () => {
  const queue = new RequestQueue();
  queue.add(write(1, 1));
  queue.add(write(2, SQLITE.bulkBytesMin));
  expect(queue.next()).toMatchObject([{ number: 1 }]);
  queue.add(write(3, 1));
  expect(queue.next()).toMatchObject([{ number: 2 }]);
  expect(queue.next()).toMatchObject([{ number: 3 }]);
  expect(queue.next()).toBeUndefined();
});

it('lets small requests go first again after a rest', () => {
  const queue = new RequestQueue();
  queue.add(write(1, 1));
  expect(drain(queue)).toEqual([[1]]);
  queue.add(write(2, SQLITE.bulkBytesMin));
  queue.add(write(3, 1));
  expect(drain(queue)).toEqual([[3], [2]]);
});

it('ends a group where its bytes or its changes reach the limit', () => {
  const queue = new RequestQueue();
  const large = SQLITE.bulkBytesMin - 1;
  const fitting = Math.floor(SQLITE.groupBytesMax / large);
  for (let number = 0; number < fitting + 1; number += 1) queue.add(write(number, large));
  expect(drain(queue).map(group => group.length)).toEqual([fitting, 1]);
  for (let number = 0; number < SQLITE.groupChangesMax + 1; number += 1) queue.add(write(number, 1, ['key']));
  expect(drain(queue).map(group => group.length)).toEqual([SQLITE.groupChangesMax, 1]);
});

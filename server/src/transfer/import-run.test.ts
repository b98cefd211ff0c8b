import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { type Bulk, itemCount, placeOf } from './bulk.ts';
import { packBulks } from './bulk-packer.ts';
import { importBulks, NO_PAIRS } from './import-run.ts';

function bulksOf(text: string, pairsMax: number, from = 1): AsyncIterable<Bulk> {
  return packBulks(Readable.from([Buffer.from(text)]), { pairsMax, bytesMax: 1_000, from });
}

/** A file of ten lines. */
const TEN = '{}\n'.repeat(10);
const written = (bulk: Bulk) => Promise.resolve({ ...NO_PAIRS, written: itemCount(bulk) });

test('every bulk is written, and the counts are added up', async () => {
  const told: number[] = [];
  const write = (bulk: Bulk) => Promise.resolve({ written: itemCount(bulk) - 1, expired: 1, skipped: 0 });
  const outcome = await importBulks(bulksOf(TEN, 4), 1, { inFlight: 2, write, tell: pairs => told.push(pairs) });
  expect(outcome).toEqual({ counts: { written: 7, expired: 3, skipped: 0 }, pairs: 10 });
  expect(told).toEqual([4, 8, 10]);
});

test('no more bulks are under way than were allowed', async () => {
  let underWay = 0;
  let most = 0;
  const write = async (bulk: Bulk) => {
    most = Math.max(most, ++underWay);
    await new Promise(setImmediate);
    underWay--;
    return written(bulk);
  };
  await importBulks(bulksOf(TEN, 1), 1, { inFlight: 3, write });
  expect(most).toBe(3);
});

describe('when a bulk fails', () => {
  const failAt = (...places: number[]) => {
    return async (bulk: Bulk) => {
      await new Promise(setImmediate);
      if (places.includes(placeOf(bulk, 0))) throw new Error(`bulk of ${placeOf(bulk, 0)}`);
      return written(bulk);
    };
  };

  test('the first place that is not known to be written is told, and those under way are waited for', async () => {
    let stored = 0;
    const write = async (bulk: Bulk) => {
      const counts = await failAt(3)(bulk);
      stored += counts.written;
      return counts;
    };
    const { counts, failure } = await importBulks(bulksOf(TEN, 2), 1, { inFlight: 3, write });
    expect(failure).toMatchObject({ place: 3, cause: new Error('bulk of 3') });
    expect(failure?.bulk && [...failure.bulk.lines]).toEqual([3, 4]);
    expect(counts.written).toBe(stored);
  });

  test('of several it is the first in the file', async () => {
    const { failure } = await importBulks(bulksOf(TEN, 1), 1, { inFlight: 10, write: failAt(7, 4, 9) });
    expect(failure?.place).toBe(4);
  });

  test('nothing is begun any more', async () => {
    const begun: number[] = [];
    const write = (bulk: Bulk) => {
      begun.push(placeOf(bulk, 0));
      return Promise.reject(new Error('no'));
    };
    await importBulks(bulksOf(TEN, 1), 1, { inFlight: 1, write });
    expect(begun).toEqual([1]);
  });
});

test('a file that is damaged further on is written up to there', async () => {
  const { counts, failure } = await importBulks(bulksOf('[{},{},{},', 2), 1, { inFlight: 2, write: written });
  expect(failure).toMatchObject({ place: 3, cause: { message: 'the file ends before the array that it holds' } });
  expect(counts.written).toBe(2);
});

test('told to stop, it waits for what is under way and says where to go on', async () => {
  const stop = new AbortController();
  const write = (bulk: Bulk) => {
    stop.abort();
    return written(bulk);
  };
  const outcome = await importBulks(bulksOf(TEN, 2, 3), 3, { inFlight: 5, write, stop: stop.signal });
  expect(outcome).toMatchObject({ pairs: 2, failure: { place: 5, cause: stop.signal.reason } });
});

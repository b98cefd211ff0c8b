import { describe, expect, test } from 'vitest';
import { RetryLater } from './retry-later.ts';
import { TokenMeter } from './token-meter.ts';

/** The first second of a day. */
const MIDNIGHT = 20_000 * 86_400;

function start(limits: ConstructorParameters<typeof TokenMeter>[0], now = MIDNIGHT) {
  const clock = { now };
  const meter = new TokenMeter(limits, () => clock.now);
  /** Undefined where the request is let in; otherwise why not, and when to come again. */
  const admit = () => {
    try {
      meter.admit();
      return undefined;
    } catch (error) {
      if (!(error instanceof RetryLater)) throw error;
      return [error.faults[0].name, error.seconds];
    }
  };
  return { clock, meter, admit };
}

describe('requests a second', () => {
  test('are let in up to the limit, and again in the next second', () => {
    const { clock, admit } = start({ requestsPerSecond: 3 });
    for (const seconds of [0, 1, 10]) {
      clock.now = MIDNIGHT + seconds;
      expect([admit(), admit(), admit(), admit(), admit()]).toEqual([
        undefined,
        undefined,
        undefined,
        ['tokenRateExceeded', 1],
        ['tokenRateExceeded', 1],
      ]);
    }
  });

  test('do not save up', () => {
    const { clock, admit } = start({ requestsPerSecond: 1 });
    clock.now += 1_000;
    expect([admit(), admit()]).toEqual([undefined, ['tokenRateExceeded', 1]]);
  });
});

describe('bytes a day', () => {
  test('are let through until the limit is reached, and again from midnight by UTC', () => {
    const { clock, meter, admit } = start({ bytesPerDay: 100 }, MIDNIGHT + 86_400 - 10);
    meter.addBytes(99);
    expect(admit()).toBeUndefined();
    meter.addBytes(1);
    expect(admit()).toEqual(['tokenBytesExceeded', 10]);
    clock.now += 9;
    expect(admit()).toEqual(['tokenBytesExceeded', 1]);
    clock.now += 1;
    expect(admit()).toBeUndefined();
    meter.addBytes(100);
    expect(admit()).toEqual(['tokenBytesExceeded', 86_400]);
  });

  test('count for the day in which they are known', () => {
    const { clock, meter, admit } = start({ bytesPerDay: 100 });
    clock.now += 86_400;
    meter.addBytes(100);
    expect(admit()).toEqual(['tokenBytesExceeded', 86_400]);
  });
});

test('without limits nothing is refused', () => {
  const { meter, admit } = start({});
  meter.addBytes(Number.MAX_SAFE_INTEGER);
  expect(Array.from({ length: 1_000 }, admit).every(refusal => refusal === undefined)).toBe(true);
});

import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LIMITS } from '../kv/limits.ts';
import { Admission } from './admission.ts';

const WAIT_MS = 1_000;
const { smallBodyBytes: SMALL, mediumBodyBytes: MEDIUM } = LIMITS;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** An admission with room for so many bytes of large bodies and answers. */
function admissionOf(inFlightBytes: number): Admission {
  return new Admission({ inFlightBytes, waitMs: WAIT_MS });
}

/** All of an answer that admission looks at. */
class Response extends EventEmitter {
  closed = false;

  close(): void {
    this.closed = true;
    this.emit('close');
  }

  get asResponse(): ServerResponse {
    return this as unknown as ServerResponse;
  }
}

describe('a value on its way out', () => {
  const value = Buffer.alloc(MEDIUM + 1);

  test('is counted once, and for as long as any answer has it', () => {
    const admission = admissionOf(value.length);
    const [first, second] = [new Response(), new Response()];
    expect(admission.hold(value, first.asResponse)).toBe(true);
    expect(admission.hold(value, second.asResponse)).toBe(true);
    expect(admission.inFlightBytes).toBe(value.length);
    first.close();
    expect(admission.inFlightBytes).toBe(value.length);
    second.close();
    expect(admission.inFlightBytes).toBe(0);
  });

  test('is counted anew when it is sent again after all answers with it were over', () => {
    const admission = admissionOf(value.length);
    for (let round = 0; round < 2; round++) {
      const response = new Response();
      expect(admission.hold(value, response.asResponse)).toBe(true);
      expect(admission.inFlightBytes).toBe(value.length);
      response.close();
      expect(admission.inFlightBytes).toBe(0);
    }
  });

  test('is not let out, and not counted, while there is no room for it', () => {
    const admission = admissionOf(value.length);
    const response = new Response();
    expect(admission.hold(value, response.asResponse)).toBe(true);
    expect(admission.hold(Buffer.alloc(value.length), new Response().asResponse)).toBe(false);
    expect(admission.inFlightBytes).toBe(value.length);
    response.close();
  });

  test('is not counted for an answer that is closed already', () => {
    const admission = admissionOf(value.length);
    const response = new Response();
    response.close();
    expect(admission.hold(value, response.asResponse)).toBe(true);
    expect(admission.inFlightBytes).toBe(0);
    expect(response.listenerCount('close')).toBe(0);
  });

  test('takes what was reserved for it, as far as it needs it', async () => {
    const admission = admissionOf(10 * MEDIUM);
    const response = new Response();
    const reserved = await admission.reserve(2 * value.length, response.asResponse);
    expect(admission.hold(value, response.asResponse, reserved)).toBe(true);
    expect(admission.inFlightBytes).toBe(value.length);
    response.close();
    expect(admission.inFlightBytes).toBe(0);
  });

  test('gives back what was reserved for it where another answer has it already', async () => {
    const admission = admissionOf(10 * MEDIUM);
    const [first, second] = [new Response(), new Response()];
    const reserved = await admission.reserve(value.length, second.asResponse);
    expect(admission.hold(value, first.asResponse)).toBe(true);
    expect(admission.hold(value, second.asResponse, reserved)).toBe(true);
    expect(admission.inFlightBytes).toBe(value.length);
    first.close();
    second.close();
    expect(admission.inFlightBytes).toBe(0);
  });

  test('that has become larger than what was reserved for it is not let out where that does not fit', async () => {
    const admission = admissionOf(2 * MEDIUM);
    const response = new Response();
    const reserved = await admission.reserve(MEDIUM + 1, response.asResponse);
    expect(admission.hold(Buffer.alloc(2 * MEDIUM), response.asResponse, reserved)).toBe(false);
    expect(admission.inFlightBytes).toBe(MEDIUM + 1);
    reserved.release();
  });
});

describe('room', () => {
  test('is of three kinds, none of which waits for another', () => {
    const admission = admissionOf(1);
    const sizes = [1, SMALL, SMALL + 1, MEDIUM, MEDIUM + 1];
    const reserved = sizes.map(bytes => admission.tryReserve(bytes));
    expect(reserved.map(reservation => reservation?.bytes)).toEqual(sizes);
    expect(admission.tryReserve(MEDIUM + 1)).toBeUndefined();
    expect(admission.tryReserve(1)?.bytes).toBe(1);
    expect(admission.inFlightBytes).toBe(sizes.reduce((sum, bytes) => sum + bytes, 1));
  });

  test('is waited for until there is some, and who waits is counted', async () => {
    const admission = admissionOf(1);
    const first = admission.tryReserve(2 * MEDIUM);
    const seen: number[][] = [];
    admission.onChange = () => seen.push([admission.inFlightBytes, admission.waiting]);
    const response = new Response();
    const second = admission.reserve(3 * MEDIUM, response.asResponse);
    expect(seen).toEqual([[2 * MEDIUM, 1]]);
    first?.release();
    expect((await second).bytes).toBe(3 * MEDIUM);
    expect(seen.at(-1)).toEqual([3 * MEDIUM, 0]);
    expect(response.listenerCount('close')).toBe(0);
  });

  test('that does not come in time is refused as overload, and nobody waits any more', async () => {
    const admission = admissionOf(1);
    admission.tryReserve(2 * MEDIUM);
    const refused = admission.reserve(2 * MEDIUM, new Response().asResponse);
    vi.advanceTimersByTime(WAIT_MS);
    await expect(refused).rejects.toThrow('overloaded');
    expect([admission.inFlightBytes, admission.waiting]).toEqual([2 * MEDIUM, 0]);
  });

  test('is not waited for by a client that is gone', async () => {
    const admission = admissionOf(1);
    admission.tryReserve(2 * MEDIUM);
    const response = new Response();
    const left = admission.reserve(2 * MEDIUM, response.asResponse);
    response.close();
    await expect(left).rejects.toThrow('requestMalformed');
    expect([admission.inFlightBytes, admission.waiting]).toEqual([2 * MEDIUM, 0]);
  });
});

/** Lets what an answer is made of go out, so that no more of it is in memory than the budget has room for. */
import type { StoredValue } from '../kv/engine.ts';
import { LIMITS } from '../kv/limits.ts';
import type { Reservation } from './byte-budget.ts';
import type { Call } from './call.ts';

/** Whether the value may be sent now. It is then counted until the answer is over. */
export function mayGoOut(call: Call, value: StoredValue): boolean {
  return isSmall(value) || call.services.admission.hold(value, call.response);
}

/**
 * For a value that may not be sent now: it is let go of, and read again once there is room for so many bytes.
 * @throws {KvError} `overloaded` after too long a wait.
 */
export async function readLater<Found>(
  call: Call,
  bytes: number,
  read: () => Promise<Found>,
  valueIn: (found: Found) => StoredValue,
): Promise<Found> {
  const { admission } = call.services;
  for (let needed = bytes; ; ) {
    const reserved = await admission.reserve(needed, call.response);
    const attempt = await readInto(reserved, call, read, valueIn);
    if ('found' in attempt) return attempt.found;
    needed = attempt.bytes;
  }
}

type Attempt<Found> = { readonly found: Found } | { readonly bytes: number };

/** A function of its own, because who waits must not hold on to what was found. */
async function readInto<Found>(
  reserved: Reservation,
  call: Call,
  read: () => Promise<Found>,
  valueIn: (found: Found) => StoredValue,
): Promise<Attempt<Found>> {
  let held = false;
  try {
    const found = await read();
    const value = valueIn(found);
    if (isSmall(value)) return { found };
    held = call.services.admission.hold(value, call.response, reserved);
    return held ? { found } : { bytes: value.length };
  } finally {
    if (!held) reserved.release();
  }
}

function isSmall(value: StoredValue): value is string {
  return typeof value === 'string' || value.length <= LIMITS.smallBodyBytes;
}

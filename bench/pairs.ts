/** What is written and read: pairs made from numbers, so that every process makes the same ones. */

/**
 * A key in no order: neighbouring numbers lie far apart. It begins with one of `area-0-` to `area-7-` and then a
 * hexadecimal digit, each as often as any other. Another number gives another key.
 */
export function keyOf(number: number): string {
  const hash = mixed(number);
  return `area-${hash & 7}-${hexadecimal(hash)}${hexadecimal(mixed(hash ^ 0x9e37_79b9))}`;
}

/** Text of letters and digits. */
export function lettersOf(number: number, bytes: number): Buffer {
  return slice(letters(), number, bytes);
}

/** Indented JSON, which as a JSON string is full of escapes. */
export function documentOf(number: number, bytes: number): Buffer {
  return slice(documents(), number, bytes);
}

const POOL_BYTES = 1_048_576;

/** A pool's part that the number decides on; where that is too short, repeated. */
function slice(pool: Buffer, number: number, bytes: number): Buffer {
  const longest = Math.min(bytes, pool.length >>> 1);
  const start = mixed(number) % (pool.length - longest);
  const part = pool.subarray(start, start + longest);
  return bytes === longest ? part : Buffer.alloc(bytes, part);
}

let letterPool: Buffer | undefined;

function letters(): Buffer {
  if (letterPool === undefined) {
    const alphabet = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
    letterPool = Buffer.alloc(POOL_BYTES);
    for (let index = 0; index < POOL_BYTES; index++) letterPool[index] = alphabet[mixed(index) & 63] ?? 0;
  }
  return letterPool;
}

let documentPool: Buffer | undefined;

function documents(): Buffer {
  if (documentPool === undefined) {
    const made = Array.from({ length: 4_000 }, (_, number) => ({
      id: mixed(number),
      path: `C:\\data\\${hexadecimal(mixed(number))}`,
      tags: ['a "quoted" word', 'one\tof\tmany'],
    }));
    documentPool = Buffer.from(JSON.stringify(made, null, 1));
  }
  return documentPool;
}

/** The last step of MurmurHash3, which maps the 32-bit numbers onto themselves, one to one. */
function mixed(number: number): number {
  let hash = number >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function hexadecimal(number: number): string {
  return number.toString(16).padStart(8, '0');
}

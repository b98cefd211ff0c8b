/** Bytes, and their form in JSON. */

/** Undefined for what is neither a buffer nor a view. A copy, because a caller may change them while they go out. */
export function copyBytes(given: object): Uint8Array<ArrayBuffer> | undefined {
  if (ArrayBuffer.isView(given)) return new Uint8Array(given.buffer, given.byteOffset, given.byteLength).slice();
  return isBuffer(given) ? new Uint8Array(given).slice() : undefined;
}

/** By the tag, because a buffer of another realm is no instance of the classes here. */
function isBuffer(given: object): given is ArrayBufferLike {
  return /^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(given));
}

/** Some engines take no more arguments. */
const BYTES_A_CALL = 8192;

export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let start = 0; start < bytes.length; start += BYTES_A_CALL) {
    binary += String.fromCharCode(...bytes.subarray(start, start + BYTES_A_CALL));
  }
  return btoa(binary);
}

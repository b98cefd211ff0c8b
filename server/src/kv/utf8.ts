/** Bytes made fit for reading as text. */
import { isUtf8 } from 'node:buffer';

/** What is not UTF-8 goes through strings of this many bytes, not one of the whole. */
const PIECE_BYTES = 1_048_576;

/**
 * The same text as well-formed UTF-8 that is the whole of a buffer: the very bytes where they are that already, else a
 * copy. What is not UTF-8 becomes U+FFFD; a byte order mark stays.
 */
export function wellFormedUtf8(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (!isUtf8(bytes)) return replaceMalformed(bytes);
  const ownsBuffer = bytes.length === bytes.buffer.byteLength;
  // A plain Uint8Array in any case: loops over a Buffer run at half the speed.
  return ownsBuffer ? new Uint8Array(bytes.buffer) : new Uint8Array(bytes);
}

function replaceMalformed(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const piece of decodedPieces(bytes)) length += Buffer.byteLength(piece);
  const wellFormed = new Uint8Array(length);
  const encoder = new TextEncoder();
  let end = 0;
  for (const piece of decodedPieces(bytes)) end += encoder.encodeInto(piece, wellFormed.subarray(end)).written;
  return wellFormed;
}

function* decodedPieces(bytes: Uint8Array): Generator<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    yield decoder.decode(bytes.subarray(start, start + PIECE_BYTES), { stream: true });
  }
  yield decoder.decode();
}

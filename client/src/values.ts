/** Values as callers hand them over. */
import { hasMembers, toText } from './arguments.ts';
import { copyBytes } from './bytes.ts';
import type { ByteStream } from './types.ts';
import { Upload } from './upload.ts';

export type ValueInMemory = string | Uint8Array<ArrayBuffer>;

const KINDS = 'strings, ArrayBuffers, ArrayBufferViews';

export function toValue(given: unknown): ValueInMemory | Upload {
  const value = convert(given);
  if (value !== undefined) return value;
  if (isStream(given)) return new Upload(given);
  throw new TypeError(`KV put() accepts only ${KINDS}, and ReadableStreams as values.`);
}

/** For a value that goes out in JSON. */
export function toValueInMemory(given: unknown): ValueInMemory {
  const value = convert(given);
  if (value === undefined) throw new TypeError(`KV putMany() accepts only ${KINDS} as values.`);
  return value;
}

/** Undefined for objects that are not bytes; a primitive is its text. Throws for a symbol. */
function convert(given: unknown): ValueInMemory | undefined {
  return hasMembers(given) ? copyBytes(given) : toText(given);
}

function isStream(given: unknown): given is ByteStream {
  return Object.prototype.toString.call(given) === '[object ReadableStream]';
}

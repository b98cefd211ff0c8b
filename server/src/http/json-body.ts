/** Small request bodies that are one JSON object. */
import type { KvError } from '../kv/errors.ts';
import { LIMITS } from '../kv/limits.ts';
import { bodyTooLarge, readBody } from './body.ts';
import type { Call } from './call.ts';

/** `malformed` makes the error for a body that is something else. */
export async function readJson(
  call: Call,
  malformed: (detail: string) => KvError,
): Promise<Readonly<Record<string, unknown>>> {
  const body = await readBody(call, LIMITS.jsonBodyBytes, bodyTooLarge(LIMITS.jsonBodyBytes));
  const value = parse(Buffer.from(body.buffer).toString(), malformed);
  // Or requests that each hold a body and wait for room for their answers could wait for each other.
  call.letGo();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed('not an object');
  return { ...value };
}

function parse(text: string, malformed: (detail: string) => KvError): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw malformed(error instanceof SyntaxError ? error.message : String(error));
  }
}

/** Bodies of admin requests: small, and JSON. */
import type { IncomingMessage } from 'node:http';
import { LIMITS } from '../kv/limits.ts';
import { AdminRequestError } from './request-error.ts';

/** Undefined where there is no body. Throws an `AdminRequestError`. */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const text = await readText(request);
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AdminRequestError(`the body is not JSON: ${(error as Error).message}`);
  }
}

/** Reads to the end whatever comes, so that the client sees the answer. */
async function readText(request: IncomingMessage): Promise<string> {
  const limit = LIMITS.jsonBodyBytes;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes <= limit) chunks.push(chunk);
  }
  if (bytes > limit) throw new AdminRequestError(`the body has ${bytes} bytes, and may have ${limit}`, 413);
  return Buffer.concat(chunks).toString();
}

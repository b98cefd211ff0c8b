/** What servers answer: Cloudflare's envelope, and errors in it or without it. */
import type { IncomingHttpHeaders } from 'node:http';
import type { RemoteFailure } from './remote-error.ts';
import { retryAfterMs } from './retry.ts';

export interface Envelope {
  readonly success: unknown;
  readonly result: unknown;
  /** Empty where the answer has none. */
  readonly info: Members;
  readonly errors: readonly ApiFault[];
}

interface ApiFault {
  readonly code?: number;
  readonly message: string;
}

export type Members = Readonly<Record<string, unknown>>;

/** Of a JSON object; none of anything else. */
export function membersOf(value: unknown): Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};
}

/** Undefined where the text is no envelope. */
export function parseEnvelope(text: string): Envelope | undefined {
  const { success, result, result_info: info, errors } = membersOf(parseJson(text));
  if (typeof success !== 'boolean') return undefined;
  const faults = Array.isArray(errors) ? errors : [];
  return { success, result, info: membersOf(info), errors: faults.map(shapeFault) };
}

/** A row `{ code, message }`. */
function shapeFault(row: unknown): ApiFault {
  const { code, message } = membersOf(row);
  return {
    ...(typeof code === 'number' && { code }),
    message: typeof message === 'string' ? message : 'an error without a message',
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const TEMPORARY = [429, 500, 502, 503, 504];

interface Refusal {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** Why the server does not do what was asked. */
export function refusalOf({ status, headers, text, now }: Refusal): Omit<RemoteFailure, 'url' | 'request'> {
  const fault = parseEnvelope(text)?.errors[0];
  const after = retryAfterMs(headers['retry-after'], now);
  return {
    reason: fault?.message ?? withoutEnvelope(headers),
    status,
    ...(fault?.code !== undefined && { code: fault.code }),
    temporary: TEMPORARY.includes(status),
    ...(after !== undefined && { retryAfterMs: after }),
  };
}

/** As from a proxy, or from a server that is something else. */
function withoutEnvelope({ location }: IncomingHttpHeaders): string {
  return location === undefined ? 'not an answer of the API' : `it sends elsewhere, to ${location}`;
}

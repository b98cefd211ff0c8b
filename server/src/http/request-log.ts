/** A line for a request. Paths are logged as their patterns, so that no key is, and no credentials. */
import type { Logger } from 'pino';
import type { Call } from './call.ts';

/**
 * Logs a request that is over, after so many milliseconds. What went as it should is of no interest until somebody looks
 * for it: a line costs a tenth of a small request.
 */
export function logRequest(call: Call, ms: number, log: Logger): void {
  const level = isOrdinary(call) ? 'debug' : 'info';
  if (log.isLevelEnabled(level)) log[level](line(call, ms), 'request');
}

/** To ask for a key that there is not is no fault; not to be ready is one, though it is no refusal. */
function isOrdinary({ response, refusal }: Call): boolean {
  return response.writableFinished && response.statusCode < 500 && (refusal === undefined || refusal === 'keyNotFound');
}

function line({ request, response, requestId, match, bytesOut, refusal }: Call, ms: number): object {
  const { headersSent, statusCode, writableFinished } = response;
  return {
    reqId: requestId,
    method: request.method,
    route: match?.routes[0]?.path,
    status: headersSent ? statusCode : undefined,
    ms: Math.round(ms * 1000) / 1000,
    bytesIn: request.bodyBytes ?? 0,
    bytesOut,
    refusal,
    ...(!writableFinished && { aborted: true }),
  };
}

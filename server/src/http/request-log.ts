/** One line a request. Paths are logged as their patterns, so that no key is, and no credentials. */
import type { Logger } from 'pino';
import type { Call } from './call.ts';

/** Logs the request when it is over, also where the client goes away before it has the answer. */
export function logWhenOver(call: Call, log: Logger): void {
  if (!log.isLevelEnabled('info')) return;
  const start = performance.now();
  call.response.once('close', () => log.info(line(call, performance.now() - start), 'request'));
}

function line({ request, response, requestId, match, bytesOut }: Call, ms: number): object {
  const { headersSent, statusCode, writableFinished } = response;
  return {
    reqId: requestId,
    method: request.method,
    route: match?.routes[0]?.path,
    status: headersSent ? statusCode : undefined,
    ms: Math.round(ms * 1000) / 1000,
    bytesIn: request.bodyBytes ?? 0,
    bytesOut,
    ...(!writableFinished && { aborted: true }),
  };
}

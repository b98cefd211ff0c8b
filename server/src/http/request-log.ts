/** One line a request. Paths are logged as their patterns, so that no key is, and no credentials. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';

export function logRequests(app: FastifyInstance, log: Logger): void {
  app.addHook('onRequest', (request, reply, done) => {
    // Cloudflare's name for it; clients show it in their errors.
    reply.header('cf-ray', request.id);
    const start = performance.now();
    // Not in onResponse, which is left out where the client goes away before it has the answer.
    reply.raw.once('close', () => log.info(line(request, reply, performance.now() - start), 'request'));
    done();
  });
}

function line(request: FastifyRequest, reply: FastifyReply, ms: number): object {
  const { headersSent, statusCode, writableFinished } = reply.raw;
  return {
    reqId: request.id,
    method: request.method,
    route: request.routeOptions.url,
    status: headersSent ? statusCode : undefined,
    ms: Math.round(ms * 1000) / 1000,
    bytesIn: request.raw.bodyBytes ?? 0,
    bytesOut: headersSent ? Number(reply.getHeader('content-length') ?? 0) : 0,
    ...(!writableFinished && { aborted: true }),
  };
}

/** One line a request. Paths are logged as their patterns, so that no key is, and no credentials. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';

export function logRequests(app: FastifyInstance, log: Logger): void {
  app.addHook('onRequest', (request, reply, done) => {
    // Cloudflare's name for it; clients show it in their errors.
    reply.header('cf-ray', request.id);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    log.info(line(request, reply), 'request');
    done();
  });
  app.addHook('onRequestAbort', (request, done) => {
    const { id, method, routeOptions } = request;
    log.info({ reqId: id, method, route: routeOptions.url }, 'request aborted by the client');
    done();
  });
}

function line(request: FastifyRequest, reply: FastifyReply): object {
  return {
    reqId: request.id,
    method: request.method,
    route: request.routeOptions.url,
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime * 1000) / 1000,
    bytesIn: Number(request.headers['content-length'] ?? 0),
    bytesOut: Number(reply.getHeader('content-length') ?? 0),
  };
}

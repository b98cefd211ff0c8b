/** Builds the HTTP application: Fastify with its edges filed off, and every route. */
import { randomBytes } from 'node:crypto';
import type { OutgoingHttpHeaders } from 'node:http';
import { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { Logger } from 'pino';
import { ERRORS, type KvError, kvError, type Operation } from '../kv/errors.ts';
import { LIMITS } from '../kv/limits.ts';
import { identify } from './auth.ts';
import { type BoundFailure, boundFailure } from './binding/failure.ts';
import { drain } from './body.ts';
import { Call, type Services } from './call.ts';
import { answerClientError, noteExchange } from './client-error.ts';
import { enableCors } from './cors.ts';
import { failure, JSON_TYPE, TEXT_TYPE } from './envelope.ts';
import { asKvError, routeNotFound } from './failure.ts';
import { logRequests } from './request-log.ts';
import type { Route, Surface } from './route.ts';
import { ROUTES } from './routes.ts';
import { rewriteTarget } from './target.ts';

export interface AppOptions extends Services {
  readonly log: Logger;
  /** Origins whose pages may use the API from a browser; none unless given. */
  readonly corsOrigins?: readonly string[];
}

declare module 'fastify' {
  interface FastifyContextConfig {
    readonly operation?: Operation;
    readonly open?: boolean;
    readonly surface?: Surface;
  }
}

/** An application that does not listen yet. */
export async function buildApp({ log, corsOrigins = [], ...services }: AppOptions): Promise<FastifyInstance> {
  const app = fastify({
    http: {
      maxHeaderSize: LIMITS.requestHeaderBytes,
      headersTimeout: LIMITS.requestHeadersMs,
      // Node's own refusal has no envelope; and who speaks as to a proxy need not send a Host.
      requireHostHeader: false,
    },
    requestTimeout: LIMITS.requestMs,
    keepAliveTimeout: LIMITS.keepAliveMs,
    // While stopping, what is in flight is answered as usual, in the envelope.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    genReqId: requestIds(),
    rewriteUrl: rewriteTarget,
    clientErrorHandler: answerClientError,
    routerOptions: {
      // Ids of any length get an answer of their own.
      maxParamLength: LIMITS.requestHeaderBytes,
      ignoreTrailingSlash: true,
      querystringParser: text => new URLSearchParams(text) as unknown as Record<string, unknown>,
    },
  });
  takeBodiesRaw(app);
  logRequests(app, log);
  app.addHook('onRequest', (_request, reply, done) => {
    noteExchange(reply.raw);
    done();
  });
  // Before credentials are asked for: a browser's question comes without, and a refusal has to be readable.
  if (corsOrigins.length > 0) await enableCors(app, corsOrigins);
  app.decorateRequest('principal', null);
  app.addHook('onRequest', async request => {
    if (needsCredentials(request)) request.principal = await identify(request, services.tokens);
  });
  app.setErrorHandler((error: FastifyError, request, reply) => answerFailure(request, reply, error, log));
  app.setNotFoundHandler((request, reply) => answerFailure(request, reply, routeNotFound(request), log));
  addRoutes(app, services);
  return app;
}

function requestIds(): () => string {
  const start = randomBytes(6).toString('hex');
  let count = 0;
  return () => `${start}-${(++count).toString(36)}`;
}

/** Bodies are read by the routes: Fastify would judge content types, and hold bodies to a limit of its own. */
function takeBodiesRaw(app: FastifyInstance): void {
  app.decorateRequest('contentType', undefined);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.addHook('onRequest', (request, _reply, done) => {
    const { headers } = request.raw;
    request.contentType = headers['content-type'];
    delete headers['content-type'];
    done();
  });
}

/** Under /client/v4 credentials come before everything else, also before the answer that there is no such path. */
function needsCredentials({ routeOptions, originalUrl }: FastifyRequest): boolean {
  if (routeOptions.config.open === true) return false;
  // `*` is the CORS plugin's route for OPTIONS on paths that there are not.
  return (routeOptions.url !== undefined && routeOptions.url !== '*') || originalUrl.startsWith('/client/v4/');
}

function addRoutes(app: FastifyInstance, services: Services): void {
  for (const route of ROUTES) addRoute(app, services, route);
  for (const path of new Set(ROUTES.map(route => route.path))) addMethodNotAllowed(app, path);
}

function addRoute(app: FastifyInstance, services: Services, route: Route): void {
  const { method, path, operation, open = false, surface = 'rest' } = route;
  const config = { open, surface, ...(operation !== undefined && { operation }) };
  app.route({
    method,
    url: path,
    config,
    handler: async (request, reply) => {
      const body = await route.handle(new Call(services, request, reply));
      drain(request.raw);
      if (!reply.hasHeader('content-type')) reply.header('content-type', JSON_TYPE);
      return typeof body === 'string' ? reply.send(body) : sendBytes(reply, body);
    },
  });
}

/** Up to here one write was measured to be faster. */
const ONE_WRITE_BYTES_MAX = 8_192;

/**
 * A string goes out in one write together with the head, bytes in a second one: 5 to 10 % more processor time a request.
 * In Latin-1 a string has a character a byte, so that nothing is changed.
 */
function sendBytes(reply: FastifyReply, body: Buffer): FastifyReply {
  if (body.length > ONE_WRITE_BYTES_MAX) return reply.send(body);
  reply.hijack();
  reply.header('content-length', body.length);
  reply.raw.writeHead(reply.statusCode, reply.getHeaders() as OutgoingHttpHeaders);
  reply.raw.end(body.toString('latin1'), 'latin1');
  return reply;
}

/** Without this, Fastify says that there is no such path. */
function addMethodNotAllowed(app: FastifyInstance, url: string): void {
  const routes = ROUTES.filter(route => route.path === url);
  const allowed = new Set<string>(routes.map(route => route.method));
  if (allowed.has('GET')) allowed.add('HEAD');
  app.route({
    method: app.supportedMethods.filter(method => !allowed.has(method)),
    url,
    config: { open: routes.every(route => route.open === true), surface: routes[0]?.surface ?? 'rest' },
    // In a hook, because for QUERY Fastify wants a content type before it comes to the handler.
    onRequest: (request, reply, done) => {
      reply.header('allow', [...allowed].join(', '));
      done(kvError('methodNotAllowed', { method: request.method }));
    },
    handler: () => undefined,
  });
}

function answerFailure(request: FastifyRequest, reply: FastifyReply, error: unknown, log: Logger): void {
  const known = asKvError(error) ?? defect(request, error, log);
  if (known.status === ERRORS.engineUnavailable.status) reply.header('retry-after', 1);
  drain(request.raw);
  const { surface, operation } = request.routeOptions.config;
  if (surface === 'binding') answerBinding(request, reply, boundFailure(known, namespaceIdOf(request)));
  else reply.code(known.status).header('content-type', JSON_TYPE).send(failure(known, operation));
}

/** workerd takes the reason phrase only, and gives up a connection on which a body was left unread. */
function answerBinding({ headers }: FastifyRequest, reply: FastifyReply, { status, reason, body }: BoundFailure): void {
  const isWorkerd = headers['cf-kv-flprod-405'] !== undefined || headers['mf-url'] !== undefined;
  reply.raw.statusMessage = reason;
  reply
    .code(status)
    .header('content-type', TEXT_TYPE)
    .send(isWorkerd ? '' : body);
}

function namespaceIdOf({ params }: FastifyRequest): string {
  return (params as Readonly<Record<string, string>>)['namespace_id'] ?? '';
}

function defect(request: FastifyRequest, error: unknown, log: Logger): KvError {
  log.error({ reqId: request.id, err: error }, 'defect');
  return kvError('internal', { requestId: request.id });
}

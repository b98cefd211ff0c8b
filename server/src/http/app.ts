/** Builds the HTTP server: takes every request to its route, and answers it. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { type KvError, kvError } from '../kv/errors.ts';
import { LIMITS } from '../kv/limits.ts';
import { createServer } from '../node-http.ts';
import { answer, refuse } from './answer.ts';
import { identify } from './auth.ts';
import { Call, type Services } from './call.ts';
import { answerClientError, noteExchange } from './client-error.ts';
import { Cors } from './cors.ts';
import { asKvError, routeNotFound } from './failure.ts';
import { logWhenOver } from './request-log.ts';
import type { Route } from './route.ts';
import { Router } from './router.ts';
import { ROUTES } from './routes.ts';
import { readTarget } from './target.ts';

export interface AppOptions extends Services {
  readonly log: Logger;
  /** Origins whose pages may use the API from a browser; none unless given. */
  readonly corsOrigins?: readonly string[];
}

/** A server that does not listen yet. */
export function buildApp({ log, corsOrigins = [], ...services }: AppOptions): Server {
  const router = new Router(ROUTES);
  const cors = corsOrigins.length > 0 ? new Cors(corsOrigins) : undefined;
  const nextId = requestIds();
  const options = {
    maxHeaderSize: LIMITS.requestHeaderBytes,
    headersTimeout: LIMITS.requestHeadersMs,
    requestTimeout: LIMITS.requestMs,
    keepAliveTimeout: LIMITS.keepAliveMs,
    // Node's own refusal has no envelope; and who speaks as to a proxy need not send a Host.
    requireHostHeader: false,
  };
  const server = createServer(options, (request: IncomingMessage, response: ServerResponse) => {
    noteExchange(response);
    // While stopping, what is in flight is answered as usual, and its connection is then closed.
    if (!server.listening) response.shouldKeepAlive = false;
    const requestId = nextId();
    const target = readTarget(request);
    const match = router.find(request.method ?? '', target.path);
    const call = new Call(services, { request, response, requestId, target, match });
    logWhenOver(call, log);
    // Cloudflare's name for it; clients show it in their errors.
    call.header('cf-ray', requestId);
    if (cors !== undefined && isPreflight(call, cors)) return;
    void serve(call, log);
  });
  server.on('clientError', answerClientError);
  return server;
}

function requestIds(): () => string {
  const start = randomBytes(6).toString('hex');
  let count = 0;
  return () => `${start}-${(++count).toString(36)}`;
}

/** Whether this was a browser's question, which comes without credentials and is answered here. */
function isPreflight(call: Call, cors: Cors): boolean {
  call.headers.push(...cors.headersFor(call.request));
  const preflight = cors.preflightHeaders(call.request);
  if (preflight === undefined) return false;
  call.response.writeHead(204, [...call.headers, ...preflight]).end();
  return true;
}

async function serve(call: Call, log: Logger): Promise<void> {
  try {
    if (needsCredentials(call)) call.principal = await identify(call.request.headers, call.services.tokens);
    answer(call, await findRoute(call).handle(call));
  } catch (error) {
    refuse(call, asKvError(error) ?? defect(call, error, log));
  }
}

/** Under /client/v4 credentials come before everything else, also before the answer that there is no such path. */
function needsCredentials({ match, request: { url = '' } }: Call): boolean {
  if (match === undefined) return url.startsWith('/client/v4/');
  return !(match.route === undefined ? match.routes.every(isOpen) : isOpen(match.route));
}

function isOpen({ open = false }: Route): boolean {
  return open;
}

function findRoute(call: Call): Route {
  const { match, request } = call;
  if (match === undefined) throw routeNotFound(request);
  if (match.route !== undefined) return match.route;
  const allowed = new Set<string>(match.routes.map(route => route.method));
  if (allowed.has('GET')) allowed.add('HEAD');
  call.header('allow', [...allowed].join(', '));
  throw kvError('methodNotAllowed', { method: request.method ?? '' });
}

function defect({ requestId }: Call, error: unknown, log: Logger): KvError {
  log.error({ reqId: requestId, err: error }, 'defect');
  return kvError('internal', { requestId });
}

/** Builds the HTTP server: takes every request to its route, and answers it. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener, Server, ServerOptions, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { auditTo } from '../audit.ts';
import { type KvError, kvError } from '../kv/errors.ts';
import type { Slots } from '../kv/histogram.ts';
import { LIMITS } from '../kv/limits.ts';
import { createSecureServer, createServer } from '../node-http.ts';
import { checkAccess } from './access.ts';
import { Admission } from './admission.ts';
import { answer, endWhereStopping, refuse, surfaceOf } from './answer.ts';
import { answerInPieces } from './answer-in-pieces.ts';
import { identify } from './auth.ts';
import { drain } from './body.ts';
import { Call, type Services } from './call.ts';
import { answerClientError } from './client-error.ts';
import { COMMON_HEADERS } from './common-headers.ts';
import { Cors } from './cors.ts';
import { asKvError, routeNotFound } from './failure.ts';
import type { KeyPairSource } from './key-pair.ts';
import { watchEventLoop } from './metrics/event-loop.ts';
import { Metrics, newThreadSlots } from './metrics/metrics.ts';
import { ThreadFigures } from './metrics/thread-figures.ts';
import { pageFault } from './page-guard.ts';
import { inTurn } from './pipeline.ts';
import { logRequest } from './request-log.ts';
import type { Route } from './route.ts';
import { Router } from './router.ts';
import { ROUTES } from './routes.ts';
import { readTarget } from './target.ts';

export interface AppOptions extends Omit<Services, 'admission' | 'audit' | 'metrics' | 'isStopping'> {
  readonly log: Logger;
  readonly admission?: Admission;
  readonly times?: Times;
  /** Where this thread and the others count; a memory of its own unless given. */
  readonly figures?: SharedFigures;
  /** Origins whose pages may use the API from a browser; none unless given. */
  readonly corsOrigins?: readonly string[];
  /** With it, the server speaks TLS. */
  readonly tls?: KeyPairSource;
}

/** How long clients may take, where it is not as `LIMITS` has it. */
export interface Times {
  readonly requestHeadersMs?: number;
  readonly requestMs?: number;
  readonly requestCheckMs?: number;
}

interface SharedFigures {
  /** Of all serving threads, by `newFigures`. */
  readonly all: readonly Slots[];
  /** Which of them is this thread's. */
  readonly own: number;
}

/** For so many serving threads; the process was started at a second since the Unix epoch. */
export function newFigures(threads: number, startedAt: number): readonly Slots[] {
  return newThreadSlots(threads, ROUTES.length, startedAt);
}

const ROUTE_NUMBERS: ReadonlyMap<Route, number> = new Map(ROUTES.map((route, number) => [route, number]));

/** A server that does not listen yet. */
export function buildApp(options: AppOptions): Server {
  const { log, admission = new Admission(), times, corsOrigins = [], tls, figures: shared, ...parts } = options;
  const { all, own } = shared ?? { all: newFigures(1, 0), own: 0 };
  const figures = new ThreadFigures(ROUTES.length, all[own]);
  const server = openServer(httpOptions({ ...LIMITS, ...times }), tls);
  const isStopping = (): boolean => !server.listening;
  const services = { ...parts, admission, audit: auditTo(log), metrics: new Metrics(ROUTES, all), isStopping };
  answerRequests(server, requestTaker(services, { figures, log, corsOrigins }), log);
  // Under TLS also what comes through Unix sockets, which have none.
  server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    figures.connected();
    socket.once('close', () => figures.disconnected());
  });
  server.once('listening', () => server.once('close', watchEventLoop(figures)));
  admission.onChange = () => figures.inFlight(admission.inFlightBytes, admission.waiting);
  server.on('listening', () => admission.transfers.start());
  server.on('close', () => admission.transfers.stop());
  return server;
}

function httpOptions({ requestHeadersMs, requestMs, requestCheckMs }: Required<Times>): ServerOptions {
  return {
    maxHeaderSize: LIMITS.requestHeaderBytes,
    headersTimeout: requestHeadersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: requestCheckMs,
    keepAliveTimeout: LIMITS.keepAliveMs,
    // Node's own refusal has no envelope; and who speaks as to a proxy need not send a Host.
    requireHostHeader: false,
  };
}

function openServer(options: ServerOptions, tls: KeyPairSource | undefined): Server {
  if (tls === undefined) return createServer(options);
  const server = createSecureServer({ ...options, ...tls.current, handshakeTimeout: LIMITS.tlsHandshakeMs });
  tls.onChange(pair => server.setSecureContext(pair));
  return server;
}

/** Has every request taken in its turn. */
function answerRequests(server: Server, take: RequestListener, log: Logger): void {
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    inTurn(response, () => {
      try {
        take(request, response);
      } catch (error) {
        abandon(response, error, log);
      }
    });
  };
  server.on('request', onRequest);
  // Who asks whether to send a body is told when it can be read; what else anybody expects is let be.
  server.on('checkContinue', onRequest);
  server.on('checkExpectation', onRequest);
  // Node would take no notice of those past the first 2,000; how long all are together has a limit.
  server.maxHeadersCount = 0;
  server.on('clientError', answerClientError);
}

interface TakerOptions {
  readonly figures: ThreadFigures;
  readonly log: Logger;
  readonly corsOrigins: readonly string[];
}

/** Takes a request to its route, and sees to it that it is logged and counted. */
function requestTaker(services: Services, { figures, log, corsOrigins }: TakerOptions): RequestListener {
  const router = new Router(ROUTES);
  const cors = corsOrigins.length > 0 ? new Cors(corsOrigins) : undefined;
  const nextId = requestIds();
  return (request, response) => {
    const requestId = nextId();
    const target = readTarget(request);
    const match = router.find(request.method ?? '', target.path);
    // Cloudflare's name for the id; clients show it in their errors.
    const commonHeaders = ['cf-ray', requestId, ...COMMON_HEADERS, ...(cors?.headersFor(request) ?? [])];
    const call = new Call(services, { request, response, requestId, target, commonHeaders, match });
    const startMs = performance.now();
    // Also where the client goes away before it has the answer.
    response.once('close', () => {
      const ms = performance.now() - startMs;
      logRequest(call, ms, log);
      count(call, ms / 1_000, figures);
    });
    const preflight = cors?.preflightHeaders(request);
    // A browser's question comes without credentials.
    if (preflight === undefined) void serve(call, log);
    else answerPreflight(call, preflight);
  };
}

function count({ request, response, match, bytesOut, refusal }: Call, seconds: number, figures: ThreadFigures): void {
  figures.finished({
    route: (match?.route && ROUTE_NUMBERS.get(match.route)) ?? ROUTES.length,
    status: response.headersSent ? response.statusCode : undefined,
    seconds,
    bytesIn: request.bodyBytes ?? 0,
    bytesOut,
    refusal,
  });
}

function requestIds(): () => string {
  const start = randomBytes(6).toString('hex');
  let count = 0;
  return () => `${start}-${(++count).toString(36)}`;
}

function answerPreflight(call: Call, headers: readonly string[]): void {
  const { request, response, commonHeaders } = call;
  drain(request);
  endWhereStopping(call);
  response.writeHead(204, [...commonHeaders, ...headers]).end();
  call.services.admission.watch(response);
}

async function serve(call: Call, log: Logger): Promise<void> {
  try {
    const barred = call.services.tokens.everybody && pageFault(call.request.headers, surfaceOf(call));
    if (barred) throw barred;
    if (needsCredentials(call)) await admit(call);
    const route = findRoute(call);
    checkAccess(route.access, call.principal);
    const body = await route.handle(call);
    if (typeof body === 'string' || Buffer.isBuffer(body)) answer(call, body);
    else await answerInPieces(call, body);
  } catch (error) {
    try {
      if (call.response.headersSent) cutOff(call, asKvError(error) ?? defect(call, error, log));
      else refuse(call, asKvError(error) ?? defect(call, error, log));
    } catch (second) {
      abandon(call.response, second, log);
    }
  } finally {
    call.end();
  }
}

/** An answer that cannot be gone on with ends without its end, so that nobody takes it for whole. */
function cutOff(call: Call, error: KvError): void {
  call.refusal = error.faults[0].name;
  call.response.destroy();
}

/** The last resort after a defect, which must not take other clients' requests along. */
function abandon(response: ServerResponse, error: unknown, log: Logger): void {
  log.error({ err: error }, 'defect');
  response.destroy();
}

/** Where the use of a token is limited, this is counted, with its bytes as soon as they are known. */
async function admit(call: Call): Promise<void> {
  const { request, response, services } = call;
  const principal = await identify(request.headers, services.tokens);
  call.principal = principal;
  const { meter } = principal;
  if (meter !== undefined) response.once('close', () => meter.addBytes((request.bodyBytes ?? 0) + call.bytesOut));
}

/** Under /client/v4 credentials come before everything else, also before the answer that there is no such path. */
function needsCredentials({ match, path }: Call): boolean {
  if (match === undefined) return path.startsWith('/client/v4/');
  return !(match.route === undefined ? match.routes.every(isOpen) : isOpen(match.route));
}

function isOpen({ access }: Route): boolean {
  return access === 'open';
}

function findRoute({ match, path, request }: Call): Route {
  if (match === undefined) throw routeNotFound(path);
  if (match.route === undefined) throw kvError('methodNotAllowed', { method: request.method ?? '' });
  return match.route;
}

function defect({ requestId }: Call, error: unknown, log: Logger): KvError {
  log.error({ reqId: requestId, err: error }, 'defect');
  return kvError('internal', { requestId });
}

/** Lets web pages of other origins use the server, by CORS: https://fetch.spec.whatwg.org/#http-cors-protocol */
import { type FastifyCorsOptions, type FastifyCorsOptionsDelegateCallback, fastifyCors } from '@fastify/cors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LIMITS } from '../kv/limits.ts';

/** Without credentials in the sense of CORS, which are cookies: the token is a header that the page sets itself. */
const ALLOWED: FastifyCorsOptions = {
  methods: ['GET', 'HEAD', 'PUT', 'POST', 'DELETE'],
  allowedHeaders: [
    'Authorization',
    'Content-Type',
    'CF-KV-Metadata',
    'Freehold-Namespace',
    'Freehold-Account',
    'X-Auth-Email',
    'X-Auth-Key',
    'X-Auth-User-Service-Key',
  ],
  exposedHeaders: ['CF-KV-Metadata', 'CF-Expiration', 'Expiration', 'CF-Ray', 'Retry-After'],
  maxAge: LIMITS.corsMaxAgeSeconds,
};

/**
 * Answers preflights of the given origins, and lets their pages read what they are answered; `*` stands for any origin.
 * Add it before the hook that asks for credentials: a preflight has none, and a refusal has to be readable.
 */
export async function enableCors(app: FastifyInstance, origins: readonly string[]): Promise<void> {
  const delegator: FastifyCorsOptionsDelegateCallback = (request, callback) => {
    callback(null, { ...ALLOWED, origin: allowedOrigin(request, origins), preflight: isPreflight(request) });
  };
  await app.register(fastifyCors, { delegator });
}

/** False for an origin that gets no CORS header at all. */
function allowedOrigin({ headers: { origin } }: FastifyRequest, origins: readonly string[]): string | false {
  if (origins.includes('*')) return '*';
  return origin !== undefined && origins.includes(origin) ? origin : false;
}

/** Any other OPTIONS is answered as ever. */
function isPreflight({ method, headers }: FastifyRequest): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && 'access-control-request-method' in headers;
}

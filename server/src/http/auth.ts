/** Credentials: a token in `Authorization: Bearer`, in `X-Auth-Email` with `X-Auth-Key`, or as a user service key. */
import type { IncomingHttpHeaders } from 'node:http';
import { type KvError, kvError } from '../kv/errors.ts';
import type { Principal, Tokens } from '../tokens.ts';

/** A token and the error for the case that nobody has it. */
interface Credentials {
  readonly token: string;
  readonly unknown: () => KvError;
}

const BEARER = /^Bearer +([\x21-\x7e]+) *$/i;
const EMAIL = /^[^\s@]+@[^\s@]+$/;
const KEY = /^[\x21-\x7e]+$/;

/**
 * Who makes the request, which may make it now; nobody has to say so where all may do everything. `unknownBearer` makes
 * the error for a bearer token that nobody has.
 */
export async function identify(
  headers: IncomingHttpHeaders,
  tokens: Tokens,
  unknownBearer: () => KvError = () => kvError('tokenUnknown'),
): Promise<Principal> {
  if (tokens.everybody !== undefined) return tokens.everybody;
  const { token, unknown } = readCredentials(headers, unknownBearer);
  const principal = await tokens.verify(token);
  if (principal === undefined) throw unknown();
  principal.meter?.admit();
  return principal;
}

function readCredentials(headers: IncomingHttpHeaders, unknownBearer: () => KvError): Credentials {
  const { authorization } = headers;
  if (authorization !== undefined) {
    const token = BEARER.exec(authorization)?.[1];
    if (token === undefined) throw kvError('authorizationMalformed');
    return { token, unknown: unknownBearer };
  }
  const unknown = (): KvError => kvError('authKeyUnknown');
  const serviceKey = headers['x-auth-user-service-key'];
  if (serviceKey !== undefined) return { token: checkedKey(serviceKey), unknown };
  const email = headers['x-auth-email'];
  const key = headers['x-auth-key'];
  if (email === undefined || key === undefined) throw kvError('credentialsMissing');
  if (!EMAIL.test(String(email))) throw kvError('authEmailMalformed');
  return { token: checkedKey(key), unknown };
}

function checkedKey(key: string | string[]): string {
  if (typeof key !== 'string' || !KEY.test(key)) throw kvError('authKeyMalformed');
  return key;
}

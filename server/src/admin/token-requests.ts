/** What `freehold token` asks the running server for. */
import { AdminRequestError } from './request-error.ts';

export interface CreateTokenRequest {
  /** Each by its id or its title; where absent, the token is not limited to any. */
  readonly namespaces?: readonly string[];
  /** All else, as `POST /freehold/v1/tokens` takes it. */
  readonly grant: Readonly<Record<string, unknown>>;
}

export interface RevokeTokenRequest {
  /** Its id or its name. */
  readonly token: string;
}

/** Throws an `AdminRequestError` that names the member. */
export function decodeCreateTokenRequest(body: unknown): CreateTokenRequest {
  const { namespaces, grant } = membersOf(body);
  const given = namespaces === undefined || isTexts(namespaces);
  if (!given) throw new AdminRequestError('the member namespaces is wrong');
  if (!isObject(grant)) throw new AdminRequestError('the member grant is missing or wrong');
  return { grant, ...(namespaces !== undefined && { namespaces }) };
}

/** Throws an `AdminRequestError` that names the member. */
export function decodeRevokeTokenRequest(body: unknown): RevokeTokenRequest {
  const { token } = membersOf(body);
  if (typeof token !== 'string' || token === '') throw new AdminRequestError('the member token is missing or wrong');
  return { token };
}

function membersOf(body: unknown): Readonly<Record<string, unknown>> {
  return isObject(body) ? body : {};
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every(text => typeof text === 'string' && text !== '');
}

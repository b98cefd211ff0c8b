/** What `freehold connect` asks the running server for. */
import { normaliseId } from '../kv/namespaces.ts';
import { parseServerUrl } from '../option-values.ts';
import { CLIENTS, type ClientName } from '../options.ts';
import { AdminRequestError } from './request-error.ts';

export interface ConnectRequest {
  /** Its id or its title. */
  readonly namespace: string;
  readonly client: ClientName;
  /** The namespace's, where it has to be this one. */
  readonly account?: string;
  /** Whether the namespace is made where there is none. */
  readonly create: boolean;
  /** Whether the token changes nothing. */
  readonly readOnly?: true;
  /** When the token expires, in seconds since the Unix epoch. */
  readonly expiresAt?: number;
  /** Where the client reaches the server, if not where it listens. */
  readonly url?: string;
}

/** Throws an `AdminRequestError` that names the member. */
export function decodeConnectRequest(body: unknown): ConnectRequest {
  const members: Readonly<Record<string, unknown>> = { ...(typeof body === 'object' && body) };
  const account = optional(members, 'account', normaliseId);
  const url = optional(members, 'url', parseServerUrl);
  const expiresAt = members['expiresAt'];
  if (expiresAt !== undefined && !isSeconds(expiresAt)) throw wrong('expiresAt');
  return {
    namespace: required(members, 'namespace', text => text.toWellFormed() || undefined),
    client: required(members, 'client', text => CLIENTS.find(client => client === text)),
    create: members['create'] === true,
    ...(account !== undefined && { account }),
    ...(url !== undefined && { url }),
    ...(members['readOnly'] === true && { readOnly: true }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
}

type Parse<Value> = (text: string) => Value | undefined;
type Members = Readonly<Record<string, unknown>>;

function optional<Value>(members: Members, name: string, parse: Parse<Value>): Value | undefined {
  return members[name] === undefined ? undefined : required(members, name, parse);
}

function required<Value>(members: Members, name: string, parse: Parse<Value>): Value {
  const member = members[name];
  const value = typeof member === 'string' ? parse(member) : undefined;
  if (value === undefined) throw wrong(name);
  return value;
}

function isSeconds(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function wrong(name: string): AdminRequestError {
  return new AdminRequestError(`the member ${name} is missing or wrong`);
}

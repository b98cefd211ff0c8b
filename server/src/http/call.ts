/** One request on its way through a route: its parts, decoded and validated when they are asked for. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock, Engine, NamespaceAddress } from '../kv/engine.ts';
import { KvError, kvError, shownKey } from '../kv/errors.ts';
import { decodePathKey, keyFault } from '../kv/keys.ts';
import { normaliseId } from '../kv/namespaces.ts';
import { coversAccount, coversNamespace, type Scope } from '../kv/permissions.ts';
import type { Principal, Tokens } from '../tokens.ts';
import { routeNotFound } from './failure.ts';
import type { QueryParameter } from './query.ts';

/** What routes work with. */
export interface Services {
  readonly engine: Engine;
  readonly tokens: Tokens;
  readonly clock: Clock;
  readonly version: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is asking; null on open routes. */
    principal: Principal | null;
    /** The header, which is taken from the request lest Fastify judge it: any type is legal for a value. */
    contentType: string | undefined;
  }
}

/** The scope of nobody. */
const NOTHING: Scope = { namespaces: [] };

export class Call {
  readonly services: Services;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;

  constructor(services: Services, request: FastifyRequest, reply: FastifyReply) {
    this.services = services;
    this.request = request;
    this.reply = reply;
  }

  get engine(): Engine {
    return this.services.engine;
  }

  /** What the request's token is good for. */
  get scope(): Scope {
    return this.request.principal ?? NOTHING;
  }

  /** The account in the path, whose namespaces the token may manage. */
  get account(): string {
    const account = this.#accountInPath;
    if (!coversAccount(this.scope, account)) throw kvError('tokenForbidden');
    return account;
  }

  /** The namespace in the path, whose pairs the token may use. */
  get namespace(): NamespaceAddress {
    return this.covered({ account: this.#accountInPath, id: this.namespaceId });
  }

  /** The same address, if the token may use its pairs. */
  covered(address: NamespaceAddress): NamespaceAddress {
    if (!coversNamespace(this.scope, address)) throw kvError('tokenForbidden');
    return address;
  }

  /** The namespace in the path, which the token may rename and delete. */
  get managedNamespace(): NamespaceAddress {
    return { account: this.account, id: this.namespaceId };
  }

  get namespaceId(): string {
    const given = this.#parameter('namespace_id');
    const id = normaliseId(given);
    if (id === undefined) throw kvError('namespaceIdMalformed', { id: shownKey(given) });
    return id;
  }

  get key(): string {
    return checkedKey(decodePathKey(this.rawKey));
  }

  /** The key as it stands in the path. */
  get rawKey(): string {
    const { rawKey } = this.request.raw;
    // The router took an escaped path for one that it knows.
    if (rawKey === undefined) throw routeNotFound(this.request);
    return rawKey;
  }

  /** What stands in the path for the names of its route. */
  get parameters(): Readonly<Record<string, string>> {
    return this.request.params as Readonly<Record<string, string>>;
  }

  query<Value>(name: string, parameter: QueryParameter<Value>): Value {
    return parameter.decode((this.request.query as URLSearchParams).get(name));
  }

  /** Where it is not 32 hexadecimal digits, the path leads nowhere. */
  get #accountInPath(): string {
    const account = normaliseId(this.#parameter('account_id'));
    if (account === undefined) throw routeNotFound(this.request);
    return account;
  }

  #parameter(name: string): string {
    return this.parameters[name] ?? '';
  }
}

/** A key that may be used; `key` is undefined where it could not be decoded. */
export function checkedKey(key: string | undefined): string {
  if (key === undefined) throw kvError('keyNotDecodable');
  const wrong = keyFault(key);
  if (wrong !== undefined) throw new KvError([wrong]);
  return key;
}

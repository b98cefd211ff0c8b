/** One request on its way through a route: its parts, decoded and validated when they are asked for. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock, Engine, NamespaceAddress } from '../kv/engine.ts';
import { KvError, kvError, shownKey } from '../kv/errors.ts';
import { decodePathKey, keyFault } from '../kv/keys.ts';
import { normaliseId } from '../kv/namespaces.ts';
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

  /** The account in the path. Where it is not 32 hexadecimal digits, the path leads nowhere. */
  get account(): string {
    const account = normaliseId(this.#parameter('account_id'));
    if (account === undefined) throw routeNotFound(this.request);
    return account;
  }

  get namespace(): NamespaceAddress {
    const { account } = this;
    const given = this.#parameter('namespace_id');
    const id = normaliseId(given);
    if (id === undefined) throw kvError('namespaceIdMalformed', { id: shownKey(given) });
    return { account, id };
  }

  get key(): string {
    const { rawKey } = this.request.raw;
    // The router took an escaped path for one that it knows.
    if (rawKey === undefined) throw routeNotFound(this.request);
    const key = decodePathKey(rawKey);
    if (key === undefined) throw kvError('keyNotDecodable');
    const wrong = keyFault(key);
    if (wrong !== undefined) throw new KvError([wrong]);
    return key;
  }

  query<Value>(name: string, parameter: QueryParameter<Value>): Value {
    return parameter.decode((this.request.query as URLSearchParams).get(name));
  }

  #parameter(name: string): string {
    return (this.request.params as Readonly<Record<string, string>>)[name] ?? '';
  }
}

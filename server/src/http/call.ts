/** One request on its way through a route: its parts, decoded and validated when they are asked for, and its answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Audit, AuditAction, AuditEntry } from '../audit.ts';
import type { Clock, Engine, NamespaceAddress } from '../kv/engine.ts';
import { type ErrorName, KvError, kvError, shownKey } from '../kv/errors.ts';
import { decodePathKey, keyFault } from '../kv/keys.ts';
import { normaliseId } from '../kv/namespaces.ts';
import { coversAccount, coversNamespace, type Scope } from '../kv/permissions.ts';
import type { Principal, Tokens } from '../tokens.ts';
import type { Admission } from './admission.ts';
import type { Reservation } from './byte-budget.ts';
import { JSON_TYPE } from './envelope.ts';
import { routeNotFound } from './failure.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { QueryParameter, RepeatedParameter } from './query.ts';
import type { Match } from './router.ts';
import type { Target } from './target.ts';

/** What routes work with. */
export interface Services {
  readonly engine: Engine;
  readonly tokens: Tokens;
  readonly clock: Clock;
  readonly version: string;
  readonly audit: Audit;
  readonly admission: Admission;
  readonly metrics: Metrics;
  /** Whether the server finishes what is in flight and takes nothing more. */
  isStopping(): boolean;
}

/** What a request is, before anything of it was looked at. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly target: Target;
  /** Of the answer, whatever it will be: names and values in turn. */
  readonly commonHeaders: readonly string[];
  /** Undefined where the path leads nowhere. */
  readonly match: Match | undefined;
}

/** The scope of nobody. */
const NOTHING: Scope = { namespaces: [] };
const NO_QUERY = new URLSearchParams();

export class Call {
  readonly services: Services;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  /** Not decoded. */
  readonly path: string;
  readonly match: Match | undefined;
  readonly commonHeaders: readonly string[];
  readonly #query: string;
  #queryParameters: URLSearchParams | undefined;

  /** Who is asking; undefined on open routes. */
  principal: Principal | undefined;

  /** What its body has of the memory for bodies, until it is answered. */
  #reserved: Reservation | undefined;
  #isOver = false;

  /** Of the answer. */
  status = 200;
  contentType = JSON_TYPE;
  /** Further headers of the answer: names and values in turn. */
  headers: string[] = [];
  /** Why it is a refusal, if it is one: the name of the first fault. */
  refusal: ErrorName | undefined;
  /** How long the body of the answer is, once it is sent. */
  bytesOut = 0;

  constructor(services: Services, exchange: Exchange) {
    const { request, response, requestId, target, commonHeaders, match } = exchange;
    this.services = services;
    this.request = request;
    this.response = response;
    this.requestId = requestId;
    this.path = target.path;
    this.commonHeaders = commonHeaders;
    this.match = match;
    this.#query = target.query;
  }

  /** Adds a header to the answer. */
  header(name: string, value: string | number): void {
    this.headers.push(name, String(value));
  }

  /** Has it keep what was reserved for its body until it is over, in place of what was reserved before. */
  keep(reserved: Reservation): void {
    this.#reserved?.release();
    this.#reserved = reserved;
    if (this.#isOver) reserved.release();
  }

  /** Gives back what was reserved for its body, which is not in memory any more. */
  letGo(): void {
    this.#reserved?.release();
  }

  /** To be called when it is answered, and what its body became is in nobody's hands any more. */
  end(): void {
    this.#isOver = true;
    this.#reserved?.release();
  }

  get engine(): Engine {
    return this.services.engine;
  }

  /** What the request's token is good for. */
  get scope(): Scope {
    return this.principal ?? NOTHING;
  }

  /** Notes who has done what; to be called when it is done. */
  audit(action: AuditAction, what: Pick<AuditEntry, 'account' | 'namespace' | 'to' | 'token' | 'count'>): void {
    const { id = '', name = '' } = this.principal ?? {};
    this.services.audit({ audit: action, by: { id, name }, ...what, reqId: this.requestId });
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
    const given = this.parameter('namespace_id');
    const id = normaliseId(given);
    if (id === undefined) throw kvError('namespaceIdMalformed', { id: shownKey(given) });
    return id;
  }

  get key(): string {
    return checkedKey(decodePathKey(this.rawKey));
  }

  /** The key as it stands in the path. */
  get rawKey(): string {
    return this.parameter('key_name');
  }

  /** What stands in the path for a name of its pattern. */
  parameter(name: string): string {
    return this.match?.parameters[name] ?? '';
  }

  query<Value>(name: string, parameter: QueryParameter<Value>): Value {
    return parameter.decode(this.#decodedQuery.get(name));
  }

  repeatedQuery<Value>(name: string, parameter: RepeatedParameter<Value>): Value {
    return parameter.decodeAll(this.#decodedQuery.getAll(name));
  }

  get #decodedQuery(): URLSearchParams {
    this.#queryParameters ??= this.#query === '' ? NO_QUERY : new URLSearchParams(this.#query);
    return this.#queryParameters;
  }

  /** Where it is not 32 hexadecimal digits, the path leads nowhere. */
  get #accountInPath(): string {
    const account = normaliseId(this.parameter('account_id'));
    if (account === undefined) throw routeNotFound(this.path);
    return account;
  }
}

/** A key that may be used; `key` is undefined where it could not be decoded. */
export function checkedKey(key: string | undefined): string {
  if (key === undefined) throw kvError('keyNotDecodable');
  const wrong = keyFault(key);
  if (wrong !== undefined) throw new KvError([wrong]);
  return key;
}

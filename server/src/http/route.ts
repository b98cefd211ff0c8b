/** What a route is: how it is reached, what it does, and all that the OpenAPI description says of it. */
import type { Operation } from '../kv/operation.ts';
import type { Access } from './access.ts';
import type { Call } from './call.ts';
import type { Pieces } from './pieces.ts';
import type { QueryParameters } from './query.ts';
import type { Schema } from './schemas.ts';

/** A KV binding reads refusals in the reason phrase, everyone else in the envelope. */
export type Surface = 'rest' | 'binding';

export interface Route {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** A pattern of `Router`; under `/client/v4` where the route is part of the REST API. */
  readonly path: string;
  /** Unique; what generated clients name their method after. */
  readonly id: string;
  readonly summary: string;
  readonly access: Access;
  /** Whose protocol it speaks, which tells how refusals look; the REST API's unless said otherwise. */
  readonly surface?: Surface;
  /** What error texts call it. */
  readonly operation?: Operation;
  readonly query?: QueryParameters;
  /** Content types that the body may have, each with its schema. */
  readonly body?: Readonly<Record<string, Schema>>;
  /** Content type and schema of the answer; `envelope` and `list` stand for the JSON envelope around a result. */
  readonly answer: Answer;
  /** The same for other statuses whose answer is not the envelope of a failure. */
  readonly otherAnswers?: Readonly<Record<number, Answer>>;
  /** JSON text for an envelope; otherwise text or bytes, or pieces where the answer is not made at once. */
  handle(call: Call): Promise<string | Buffer | Pieces>;
}

export type Answer =
  | { readonly result: Schema; readonly resultInfo?: Schema }
  | { readonly contentType: string; readonly schema: Schema };

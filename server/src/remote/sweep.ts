/** Work on many pairs that a server does by itself, and tells of while it does it. */
import { Readable } from 'node:stream';
import { OperatorError } from '../operator-error.ts';
import { type Members, membersOf } from './api-answer.ts';
import type { ApiClient, ApiRequest } from './api-client.ts';
import { linesOf } from './lines.ts';
import { RemoteError } from './remote-error.ts';

export interface Swept {
  readonly pairs: number;
  /** What else the server says of it. */
  readonly more: Members;
}

interface SweepRequest {
  readonly path: string;
  readonly body: object;
  /** Whether it is not to be made again where the answer was lost. */
  readonly once?: boolean;
}

/** `tell` gets the number of pairs that are done, now and then. Throws an `OperatorError` where not all is done. */
export async function sweep(
  api: ApiClient,
  { path, body, once = false }: SweepRequest,
  tell: (pairs: number) => void,
): Promise<Swept> {
  const text = JSON.stringify(body);
  const request: ApiRequest = {
    method: 'POST',
    path,
    // A body that is a stream is sent but once.
    body: once ? Readable.from([Buffer.from(text)]) : text,
    contentType: 'application/json',
  };
  const answer = await api.send(request);
  let pairs = 0;
  for await (const line of linesOf(answer.body)) {
    const { pairs: told, done, error, ...more } = membersOf(JSON.parse(line.toString()));
    if (error !== undefined) throw failureOf(api, request, membersOf(error));
    pairs = Number(told);
    tell(pairs);
    if (done === true) return { pairs, more };
  }
  throw new OperatorError(
    `${api.url} broke off after ${pairs} pairs; what is left is done when the command runs again`,
  );
}

function failureOf({ url }: ApiClient, { method, path }: ApiRequest, { code, message }: Members): RemoteError {
  return new RemoteError({
    url,
    request: `${method} ${path}`,
    reason: String(message),
    status: 200,
    ...(typeof code === 'number' && { code }),
    temporary: false,
  });
}

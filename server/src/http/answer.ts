/** Sends what a call has come to. */
import { ERRORS, type KvError } from '../kv/errors.ts';
import { RetryLater } from '../kv/retry-later.ts';
import { boundFailure } from './binding/failure.ts';
import { drain } from './body.ts';
import type { Call } from './call.ts';
import { ACCEPTED_CODINGS } from './content-coding.ts';
import { failure, JSON_TYPE, TEXT_TYPE } from './envelope.ts';
import type { Surface } from './route.ts';
import type { Match } from './router.ts';

/** Bytes up to here go out as a string, as that was measured to be faster. */
const STRING_BYTES_MAX = 8_192;

const RETRY_AFTER_SECONDS = 1;

/** Answers with the status, headers and content type of the call. What is left of the request's body is drained. */
export function answer(call: Call, body: string | Buffer, reason?: string): void {
  drain(call.request);
  if (typeof body === 'string') sendText(call, body, reason);
  // Together with the head in one write, where bytes take a second: 5 to 10 % of the processor time of a request. In
  // Latin-1 a string has a character a byte, so that nothing is changed.
  else if (body.length <= STRING_BYTES_MAX) send(call, body.toString('latin1'), 'latin1', body.length, reason);
  else send(call, body, undefined, body.length, reason);
}

/** Nothing is left of what the route has said of its answer until then. */
export function refuse(call: Call, error: KvError): void {
  call.refusal = error.faults[0].name;
  call.headers = [];
  const { status } = ERRORS[call.refusal];
  if (call.refusal === 'methodNotAllowed') call.header('allow', allowedMethods(call.match));
  if (call.refusal === 'contentEncodingUnsupported') call.header('accept-encoding', ACCEPTED_CODINGS);
  if (error instanceof RetryLater) call.header('retry-after', error.seconds);
  else if (status === ERRORS.engineUnavailable.status) call.header('retry-after', RETRY_AFTER_SECONDS);
  if (surfaceOf(call) === 'binding') refuseBinding(call, error);
  else refuseInEnvelope(call, error, status);
}

function refuseInEnvelope(call: Call, error: KvError, status: number): void {
  call.status = status;
  call.contentType = JSON_TYPE;
  answer(call, failure(error, call.match?.route?.operation));
}

/** workerd takes the reason phrase only, and gives up a connection on which a body was left unread. */
function refuseBinding(call: Call, error: KvError): void {
  const { headers } = call.request;
  const isWorkerd = headers['cf-kv-flprod-405'] !== undefined || headers['mf-url'] !== undefined;
  const { status, reason, body } = boundFailure(error, call.parameter('namespace_id'));
  call.status = status;
  call.contentType = TEXT_TYPE;
  answer(call, isWorkerd ? '' : body, reason);
}

function allowedMethods(match: Match | undefined): string {
  const methods = new Set<string>(match?.routes.map(route => route.method));
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods].join(', ');
}

export function surfaceOf({ match }: Call): Surface {
  return match?.routes[0]?.surface ?? 'rest';
}

function sendText(call: Call, text: string, reason: string | undefined): void {
  const bytes = Buffer.byteLength(text);
  // Text of ASCII alone is the same in Latin-1, which needs no encoding.
  send(call, text, bytes === text.length ? 'latin1' : 'utf8', bytes, reason);
}

function send(
  call: Call,
  body: string | Buffer,
  encoding: 'latin1' | 'utf8' | undefined,
  bytes: number,
  reason: string | undefined,
): void {
  const { response, commonHeaders, headers, contentType } = call;
  call.bytesOut = bytes;
  endWhereStopping(call);
  const ofBody = ['content-type', contentType, 'content-length', String(bytes)];
  response.writeHead(call.status, reason, [...commonHeaders, ...headers, ...ofBody]);
  // Node takes an answer that was ended for one that is over, and a server that stops would cut a long one off.
  if (bytes > STRING_BYTES_MAX) response.write(body, encoding ?? 'latin1', () => response.end());
  else if (encoding === undefined) response.end(body);
  else response.end(body, encoding);
  call.services.admission.watch(response);
}

/** While stopping, what is in flight is answered as usual, and its connection is then closed, as the answer says. */
export function endWhereStopping({ services, response }: Call): void {
  if (services.isStopping()) response.shouldKeepAlive = false;
}
